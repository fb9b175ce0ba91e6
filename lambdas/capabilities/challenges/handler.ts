import { createChallenge as makeChallenge, type ChallengeKey } from './operation.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { createChallenge } from './contract.ts';

export const challengesHandler = (key: ChallengeKey, settings: HttpSettings) =>
  functionHandler(
    operationHandler(
      createChallenge,
      async ({ caller, baseUrl, now }) => {
        const { text, expiresAt } = await makeChallenge(caller, baseUrl, key, now);
        return {
          status: 201,
          body: {
            challenge: text,
            expiresAt: new Date(expiresAt).toISOString(),
          },
        };
      },
      settings,
    ),
  );
