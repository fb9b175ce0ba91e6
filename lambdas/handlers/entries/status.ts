import { publicBaseUrl, required } from '../../adapters/environment.ts';
import { statusHandler } from '../status.ts';

export const handler = statusHandler(
  required('STAGE'),
  () => import('../../http/documentation.ts'),
  { publicBaseUrl: publicBaseUrl() },
);
