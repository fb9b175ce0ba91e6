import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { ViewerFile } from '../../lambdas/platform/http/documentation.ts';

const own = new URL('./viewer/', import.meta.url);
const swaggerUi = pathToFileURL(
  createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'),
);

/** The files of the reference viewer as served: our own, and Swagger UI's as published. */
export const viewerContents = (): Readonly<Record<ViewerFile, string>> => ({
  'viewer.js': read('viewer.js', own),
  'viewer.css': read('viewer.css', own),
  'swagger-ui-bundle.js': withoutSourceMap(read('swagger-ui-bundle.js', swaggerUi)),
  'swagger-ui.css': withoutSourceMap(read('swagger-ui.css', swaggerUi)),
  'swagger-ui-bundle.js.LICENSE.txt': read('swagger-ui-bundle.js.LICENSE.txt', swaggerUi),
  'LICENSE.txt': `${read('NOTICE', swaggerUi)}\n${read('LICENSE', swaggerUi)}`,
});

const read = (file: string, folder: URL): string => readFileSync(new URL(file, folder), 'utf8');

/**
 * Source maps are not served; references to them are removed so that browsers do not request them.
 */
const withoutSourceMap = (text: string): string =>
  text.replace(/\n?(\/\/# sourceMappingURL=\S+|\/\*# sourceMappingURL=\S+ ?\*\/)\s*$/, '\n');
