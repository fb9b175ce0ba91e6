import { synthesisedDocumentation } from '../../platform/adapters/documentation.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { statusHandler } from './handler.ts';

export const handler = statusHandler(required('STAGE'), synthesisedDocumentation(), {
  publicBaseUrl: publicBaseUrl(),
});
