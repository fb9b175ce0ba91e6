import {
  createChallenge as makeChallenge,
  type ChallengeStore,
} from '../core/challenges/challenge.ts';
import { functionHandler } from '../http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../http/operation-handler.ts';
import { createChallenge } from '../http/schemas/challenges.ts';

export const challengesHandler = (store: ChallengeStore, settings: HttpSettings) =>
  functionHandler({
    'create-challenge': operationHandler(
      'create-challenge',
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
  });
