import { readDeployment } from '../../platform/adapters/deployment.ts';
import { dynamoCheckQuota } from '../../platform/adapters/dynamodb/check-quota.ts';
import { openStoredLists } from '../../platform/adapters/dynamodb/crl-store/open-crl-store.ts';
import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { revocationsHandler } from './handler.ts';
import { RecentSerials } from './recent-serials.ts';

const lists = openStoredLists({
  table: required('REVOCATION_TABLE'),
  bucket: required('REVOCATION_BUCKET'),
});

export const handler = revocationsHandler(
  {
    lists,
    profile: readDeployment().trustProfile,
    quota: dynamoCheckQuota(documentClient(), required('SESSIONS_TABLE')),
    recent: new RecentSerials(),
    identifiersPerDay: Number(required('CHECKED_IDENTIFIERS_PER_DAY')),
  },
  { publicBaseUrl: publicBaseUrl() },
);
