import { readDeployment } from '../../adapters/deployment.ts';
import { revocationLists } from '../../adapters/dynamodb/revocation-store.ts';
import { publicBaseUrl, required } from '../../adapters/environment.ts';
import { revocationsHandler } from '../revocations.ts';

const lists = revocationLists({
  table: required('REVOCATION_TABLE'),
  bucket: required('REVOCATION_BUCKET'),
});

export const handler = revocationsHandler(lists, readDeployment().trustProfile, {
  publicBaseUrl: publicBaseUrl(),
});
