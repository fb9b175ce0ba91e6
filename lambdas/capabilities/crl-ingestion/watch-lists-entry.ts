import { readDeployment } from '../../platform/adapters/deployment.ts';
import { openStoredLists } from '../../platform/adapters/dynamodb/crl-store/open-crl-store.ts';
import { required } from '../../platform/adapters/environment.ts';
import { watchHandler } from './watch-lists-handler.ts';

const { stage, trustProfile } = readDeployment();

export const handler = watchHandler({
  stage,
  profile: trustProfile,
  lists: openStoredLists({ table: required('REVOCATION_TABLE') }),
});
