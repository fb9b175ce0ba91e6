/** Loaded at the first request for it: nothing else pays for every schema. */
export { docsPage } from './docs-page.ts';
export { openApiDocument } from './openapi.ts';
