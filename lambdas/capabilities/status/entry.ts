import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { statusHandler } from './handler.ts';

export const handler = statusHandler(
  required('STAGE'),
  () => import('../../platform/http/documentation.ts'),
  { publicBaseUrl: publicBaseUrl() },
);
