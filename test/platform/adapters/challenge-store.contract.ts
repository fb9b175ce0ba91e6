import { expect, it } from '@jest/globals';
import {
  createChallenge,
  type ChallengeStore,
} from '../../../lambdas/capabilities/challenges/operation.ts';

const now = Date.UTC(2026, 10, 22);

/** What every challenge store must hold to. */
export function challengeStoreContract(open: () => ChallengeStore): void {
  it('gives a challenge back once, with its octets', async () => {
    const store = open();
    const made = await createChallenge(store, 'cli_a', now);
    const presented = await store.present(made.challengeId, 'cli_a', now + 1_000);
    expect(presented.state).toBe('fresh');
    const { challenge } = presented as { challenge: typeof made };
    expect({ ...challenge, octets: Buffer.from(challenge.octets) }).toEqual({
      ...made,
      octets: Buffer.from(made.octets),
    });
    expect(await store.present(made.challengeId, 'cli_a', now + 1_000)).toEqual({ state: 'used' });
  });

  it('tells one of many concurrent presenters that it is fresh', async () => {
    const store = open();
    const { challengeId } = await createChallenge(store, 'cli_a', now);
    const presented = await Promise.all(
      Array.from({ length: 8 }, () => store.present(challengeId, 'cli_a', now)),
    );
    expect(presented.map(({ state }) => state).sort()).toEqual([
      'fresh',
      ...Array.from({ length: 7 }, () => 'used'),
    ]);
  });

  it('is valid until its last millisecond', async () => {
    const store = open();
    const early = await createChallenge(store, 'cli_a', now);
    const late = await createChallenge(store, 'cli_a', now);
    expect((await store.present(early.challengeId, 'cli_a', early.expiresAt - 1)).state).toBe(
      'fresh',
    );
    expect(await store.present(late.challengeId, 'cli_a', late.expiresAt)).toEqual({
      state: 'expired',
    });
  });

  it("does not know another client's challenge, and does not use it up", async () => {
    const store = open();
    const { challengeId } = await createChallenge(store, 'cli_a', now);
    expect(await store.present(challengeId, 'cli_b', now)).toEqual({ state: 'unknown' });
    expect((await store.present(challengeId, 'cli_a', now)).state).toBe('fresh');
    expect(await store.present('nothing', 'cli_a', now)).toEqual({ state: 'unknown' });
  });
}
