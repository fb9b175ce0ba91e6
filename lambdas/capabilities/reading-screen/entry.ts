import { readFile } from 'node:fs/promises';
import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoServiceRegistry } from '../../platform/adapters/dynamodb/service-registry.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { readingScreenHandler } from './handler.ts';
import type { ScreenFiles } from './screen-page.ts';

/** Written next to the bundle at synthesis. */
const files: Promise<ScreenFiles> = Promise.all(
  ['screen.js', 'screen.css'].map((name) => readFile(new URL(name, import.meta.url), 'utf8')),
).then(([script = '', style = '']) => ({ script, style }));

export const handler = readingScreenHandler(
  dynamoServiceRegistry(documentClient(), required('SERVICES_TABLE')),
  () => files,
  { publicBaseUrl: publicBaseUrl() },
);
