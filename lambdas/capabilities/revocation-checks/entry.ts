import { readDeployment } from '../../platform/adapters/deployment.ts';
import { revocationLists } from '../../platform/adapters/dynamodb/revocation-store.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { revocationsHandler } from './handler.ts';

const lists = revocationLists({
  table: required('REVOCATION_TABLE'),
  bucket: required('REVOCATION_BUCKET'),
});

export const handler = revocationsHandler(lists, readDeployment().trustProfile, {
  publicBaseUrl: publicBaseUrl(),
});
