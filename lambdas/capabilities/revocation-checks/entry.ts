import { readDeployment } from '../../platform/adapters/deployment.ts';
import { openStoredLists } from '../../platform/adapters/dynamodb/crl-store/open-crl-store.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { revocationsHandler } from './handler.ts';

const lists = openStoredLists({
  table: required('REVOCATION_TABLE'),
  bucket: required('REVOCATION_BUCKET'),
});

export const handler = revocationsHandler(lists, readDeployment().trustProfile, {
  publicBaseUrl: publicBaseUrl(),
});
