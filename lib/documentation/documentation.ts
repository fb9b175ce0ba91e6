import {
  baseUrlPlaceholder,
  type Documentation,
} from '../../lambdas/platform/http/documentation.ts';
import { docsPage } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';

/** The documentation of the whole API as the status function shows it, its base URL left open. */
export const documentation = (): Documentation => ({
  openapi: JSON.stringify(openApiDocument(baseUrlPlaceholder)),
  page: docsPage(baseUrlPlaceholder),
});
