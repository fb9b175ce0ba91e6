/** The documentation of the whole API, made from every contract when the platform is synthesised. */
export interface Documentation {
  /** The OpenAPI document as JSON text. */
  readonly openapi: string;
  /** By path below the base URL: ``, `docs`, `problems`, `problems/<code>`. */
  readonly pages: Readonly<Record<string, Page>>;
}

export interface Page {
  readonly html: string;
  /** The Content-Security-Policy that the page needs. */
  readonly policy: string;
}

/** Port: the documentation as it was synthesised, said with this deployment's address. */
export interface PublishedDocumentation {
  openapi(baseUrl: string): Promise<string>;
  /** Undefined where no page has this path. */
  page(path: string, baseUrl: string): Promise<Page | undefined>;
  /** A file of the reference viewer, as text. */
  file(name: ViewerFile): Promise<string>;
}

/** What the reference viewer consists of: name and media type. Nothing else beside a bundle is served. */
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

/** Stands where the base URL belongs, which only a request can tell on a gateway without a domain of its own. */
export const baseUrlPlaceholder = 'https://base-url.invalid';

export const fillJson = (json: string, baseUrl: string): string =>
  json.replaceAll(baseUrlPlaceholder, () => JSON.stringify(baseUrl).slice(1, -1));

export const fillPage = ({ html, policy }: Page, baseUrl: string): Page => ({
  html: html.replaceAll(baseUrlPlaceholder, () => escapeHtml(baseUrl)),
  policy,
});

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
