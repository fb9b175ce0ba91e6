import { createChallenge as makeChallenge, type ChallengeStore } from './operation.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { createChallenge } from './contract.ts';

export const challengesHandler = (store: ChallengeStore, settings: HttpSettings) =>
  functionHandler(
    operationHandler(
      createChallenge,
      async ({ caller, now }) => {
        const { challengeId, octets, expiresAt } = await makeChallenge(store, caller.clientId, now);
        return {
          status: 201,
          body: {
            challengeId,
            challenge: Buffer.from(octets).toString('base64'),
            expiresAt: new Date(expiresAt).toISOString(),
          },
        };
      },
      settings,
    ),
  );
