import {
  baseUrlPlaceholder,
  type Documentation,
} from '../../lambdas/platform/http/documentation.ts';
import { docsPage } from './docs-page.ts';
import { homePage } from './home-page.ts';
import { openApiDocument } from './openapi.ts';
import { problemPages } from './problem-pages.ts';

/**
 * The documentation of the whole API for the status function, with a placeholder for the base URL.
 */
export const documentation = (): Documentation => ({
  openapi: JSON.stringify(openApiDocument(baseUrlPlaceholder)),
  pages: { '': homePage(), docs: docsPage(), ...problemPages() },
});
