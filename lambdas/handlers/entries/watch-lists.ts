import { readDeployment } from '../../adapters/deployment.ts';
import { revocationLists } from '../../adapters/dynamodb/revocation-store.ts';
import { required } from '../../adapters/environment.ts';
import { watchHandler } from '../watch-lists.ts';

const { stage, trustProfile } = readDeployment();

export const handler = watchHandler({
  stage,
  profile: trustProfile,
  lists: revocationLists({ table: required('REVOCATION_TABLE') }),
});
