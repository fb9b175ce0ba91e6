import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type {
  ReadingSession,
  ReadingSessions,
} from '../../../lambdas/capabilities/reading-sessions/reading-session.ts';

const fresh = (): ReadingSession => ({
  sessionId: `rse_${randomBytes(8).toString('hex')}`,
  opener: { clientId: 'cli_a', serviceId: 'svc_a', serviceType: 'type1', sectorId: 'sec_a' },
  mode: 'pin',
  enrolChip: false,
  openedAt: Date.UTC(2026, 10, 22),
  ticketDigest: 'digest',
  state: 'waiting',
});

/** What every store of reading sessions must hold to. */
export function readingSessionsContract(open: () => ReadingSessions): void {
  it('gives a session back as it was written', async () => {
    const store = open();
    const session = fresh();
    await store.create(session);
    expect((await store.read(session.sessionId))?.session).toEqual(session);
    expect(await store.read(fresh().sessionId)).toBeUndefined();
  });

  it('allows exactly one of many concurrent writers, which can write again', async () => {
    const store = open();
    const session = fresh();
    await store.create(session);
    const { version } = (await store.read(session.sessionId))!;
    const reading = { ...session, state: 'reading' } as const;
    const versions = await Promise.all(
      Array.from({ length: 6 }, () => store.replace(reading, version)),
    );
    const [won, ...others] = versions.filter((each) => each !== undefined);
    expect(others).toEqual([]);
    expect(await store.replace({ ...session, state: 'ended' }, won!)).toEqual(expect.any(String));
    expect((await store.read(session.sessionId))?.session.state).toBe('ended');
  });

  it('creates nothing by replacing', async () => {
    const store = open();
    const session = fresh();
    expect(await store.replace(session, 'nothing')).toBeUndefined();
    expect(await store.read(session.sessionId)).toBeUndefined();
  });
}
