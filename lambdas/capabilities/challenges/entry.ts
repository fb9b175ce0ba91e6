import { dynamoChallengeStore } from '../../platform/adapters/dynamodb/challenge-store.ts';
import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { challengesHandler } from './handler.ts';

export const handler = challengesHandler(
  dynamoChallengeStore(documentClient(), required('SESSIONS_TABLE')),
  { publicBaseUrl: publicBaseUrl() },
);
