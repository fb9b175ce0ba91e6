import { readDeployment } from '../../platform/adapters/deployment.ts';
import { revocationLists } from '../../platform/adapters/dynamodb/revocation-store.ts';
import { required } from '../../platform/adapters/environment.ts';
import { watchHandler } from './watch-lists-handler.ts';

const { stage, trustProfile } = readDeployment();

export const handler = watchHandler({
  stage,
  profile: trustProfile,
  lists: revocationLists({ table: required('REVOCATION_TABLE') }),
});
