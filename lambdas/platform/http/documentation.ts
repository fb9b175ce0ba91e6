/** The documentation of the whole API, made from every contract when the platform is synthesised. */
export interface Documentation {
  /** The OpenAPI document as JSON text. */
  readonly openapi: string;
  readonly page: {
    readonly html: string;
    /** The Content-Security-Policy that the page needs. */
    readonly policy: string;
  };
}

/** Stands where the base URL belongs, which only a request can tell on a gateway without a domain of its own. */
export const baseUrlPlaceholder = 'https://base-url.invalid';

export const fillBaseUrl = ({ openapi, page }: Documentation, baseUrl: string): Documentation => ({
  openapi: openapi.replaceAll(baseUrlPlaceholder, () => JSON.stringify(baseUrl).slice(1, -1)),
  page: { ...page, html: page.html.replaceAll(baseUrlPlaceholder, () => escapeHtml(baseUrl)) },
});

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
