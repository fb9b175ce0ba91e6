import { dynamoChallengeStore } from '../../adapters/dynamodb/challenge-store.ts';
import { documentClient } from '../../adapters/dynamodb/document-client.ts';
import { publicBaseUrl, required } from '../../adapters/environment.ts';
import { challengesHandler } from '../challenges.ts';

export const handler = challengesHandler(
  dynamoChallengeStore(documentClient(), required('SESSIONS_TABLE')),
  { publicBaseUrl: publicBaseUrl() },
);
