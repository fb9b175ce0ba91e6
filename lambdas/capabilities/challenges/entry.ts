import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { kmsChallengeKey } from '../../platform/adapters/kms/challenge-key.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { challengesHandler } from './handler.ts';

export const handler = challengesHandler(
  kmsChallengeKey(kmsClient(), required('CHALLENGE_KEY_ID')),
  { publicBaseUrl: publicBaseUrl() },
);
