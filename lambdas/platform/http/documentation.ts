/** The API documentation, generated from all contracts at synthesis. */
export interface Documentation {
  /** The OpenAPI document as JSON text. */
  readonly openapi: string;
  /** Pages by path below the base URL: ``, `docs`, `problems`, `problems/<code>`. */
  readonly pages: Readonly<Record<string, Page>>;
}

export interface Page {
  readonly html: string;
  /** The Content-Security-Policy of the page. */
  readonly policy: string;
}

/** Port: the synthesised documentation with this deployment's base URL inserted. */
export interface PublishedDocumentation {
  openapi(baseUrl: string): Promise<string>;
  /** Undefined if there is no page at this path. */
  page(path: string, baseUrl: string): Promise<Page | undefined>;
  /** A file of the API reference viewer, as text. */
  file(name: ViewerFile): Promise<string>;
}

/**
 * Files of the API reference viewer: name and media type. No other file next to a bundle is served.
 */
export const viewerFiles = {
  'viewer.js': 'text/javascript; charset=utf-8',
  'viewer.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js.LICENSE.txt': 'text/plain; charset=utf-8',
  'LICENSE.txt': 'text/plain; charset=utf-8',
} as const;

export type ViewerFile = keyof typeof viewerFiles;

export const isViewerFile = (name: string): name is ViewerFile => Object.hasOwn(viewerFiles, name);

/**
 * Placeholder for the base URL, which is known only from a request on a gateway without a custom
 * domain.
 */
export const baseUrlPlaceholder = 'https://base-url.invalid';

export const fillJson = (json: string, baseUrl: string): string =>
  json.replaceAll(baseUrlPlaceholder, () => JSON.stringify(baseUrl).slice(1, -1));

export const fillPage = ({ html, policy }: Page, baseUrl: string): Page => ({
  html: html.replaceAll(baseUrlPlaceholder, () => escapeHtml(baseUrl)),
  policy,
});

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
