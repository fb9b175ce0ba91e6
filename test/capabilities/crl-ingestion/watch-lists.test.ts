import { beforeEach, describe, expect, it } from '@jest/globals';
import { loadLists } from '../../../lambdas/crl-store/ingest/load-list.ts';
import type { CrlSource, TrustProfile } from '../../../lambdas/pki/trust-profile.ts';
import { watchHandler } from '../../../lambdas/capabilities/crl-ingestion/watch-lists-handler.ts';
import {
  buildList,
  createAuthority,
  day,
  fullSource,
  hour,
  inChunks,
  municipalSource,
  now,
  rulesFor,
} from '../../crl-store/list-fixtures.ts';
import { MemoryLists } from '../../../lambdas/platform/adapters/memory/memory-lists.ts';

const authority = createAuthority('ua-2023');
const full = fullSource(authority);
const municipal = municipalSource(authority, '131016');
const rules = rulesFor(authority);
const profile = { ...rules, crlSources: [full, municipal] } as unknown as TrustProfile;

let lists: MemoryLists;
beforeEach(() => {
  lists = new MemoryLists();
});

/** One attempt at each source; a list of the fixtures is an hour old. */
const load = (bytes: Uint8Array, ...sources: readonly CrlSource[]) =>
  loadLists(
    sources.map((source) => ({ name: source.id, sources: [source], open: () => inChunks(bytes) })),
    { rules, writer: lists, now, pause: async () => {} },
    1,
  );
const loadBoth = async (): Promise<void> => {
  await load(buildList(authority), full);
  await load(buildList(authority, { source: municipal }), municipal);
};

async function measure(at: number) {
  const lines: Record<string, unknown>[] = [];
  const handler = watchHandler({
    stage: 'test',
    profile,
    lists,
    clock: () => at,
    log: (line) => void lines.push(line as Record<string, unknown>),
  });
  await handler();
  return {
    metrics: lines.find((line) => 'OldestListAge' in line),
    ages: lines.filter((line) => 'ListAge' in line),
    trouble: lines.filter(({ event }) => event === 'crl-list-trouble'),
  };
}

describe('the watch over the lists', () => {
  it('reports the age of every full list, and no faults if there are none', async () => {
    await loadBoth();
    const { metrics, ages, trouble } = await measure(now);
    expect(ages).toEqual([expect.objectContaining({ Source: full.id, ListAge: 3600 })]);
    expect(metrics).toMatchObject({
      OldestListAge: 3600,
      ListsNotServing: 0,
      RefusedLists: 0,
      MissedLists: 0,
    });
    expect(trouble).toEqual([]);
  });

  it('reports aging lists when no ingestion runs, and which were missed', async () => {
    await loadBoth();
    const { metrics, trouble } = await measure(now + 26 * hour);
    expect(metrics).toMatchObject({ OldestListAge: 27 * 3600, MissedLists: 2 });
    expect(trouble).toEqual([
      expect.objectContaining({ source: full.id, missed: true, ageSeconds: 27 * 3600 }),
      expect.objectContaining({ source: municipal.id, missed: true }),
    ]);
  });

  it('names the reason of a refusal until a list of that source is accepted again', async () => {
    await loadBoth();
    await load(buildList(authority, { crlNumber: 9 }), full);
    const { metrics, trouble } = await measure(now);
    expect(metrics).toMatchObject({ RefusedLists: 1, ListsNotServing: 0 });
    expect(trouble).toEqual([
      expect.objectContaining({
        source: full.id,
        state: 'overdue',
        code: 'crl-number-backwards',
      }),
    ]);
    await load(buildList(authority), full);
    expect((await measure(now)).metrics).toMatchObject({ RefusedLists: 0 });
  });

  it('counts what serves no more and what never came', async () => {
    await load(buildList(authority), full);
    const { metrics, trouble } = await measure(now + 3 * day);
    expect(metrics).toMatchObject({ ListsNotServing: 2 });
    expect(trouble.map(({ source, state }) => [source, state])).toEqual([
      [full.id, 'expired'],
      [municipal.id, 'never-loaded'],
    ]);
  });
});
