import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  ingestHandler,
  type IngestEvent,
} from '../../../lambdas/capabilities/crl-ingestion/ingest-crl-handler.ts';
import { listSources } from '../../../lambdas/crl-store/lookup/list-sources.ts';
import type { TrustProfile } from '../../../lambdas/pki/trust-profile.ts';
import {
  buildList,
  createAuthority,
  fullSource,
  inChunks,
  municipalSource,
  now,
  rulesFor,
} from '../../crl-store/list-fixtures.ts';
import { MemoryLists } from '../../../lambdas/platform/adapters/memory/memory-lists.ts';

const authority = createAuthority('ua-2023');
const full = fullSource(authority);
const municipal = municipalSource(authority, '131016');
const profile = {
  ...rulesFor(authority),
  crlSources: [full, municipal],
} as unknown as TrustProfile;

let lists: MemoryLists;
let lines: Record<string, unknown>[];
let published: Map<string, () => AsyncIterable<Uint8Array>>;
beforeEach(() => {
  lists = new MemoryLists();
  lines = [];
  published = new Map([
    [full.url, () => inChunks(buildList(authority))],
    [municipal.url, () => inChunks(buildList(authority, { source: municipal }))],
  ]);
});

const handle = (event: IngestEvent) =>
  ingestHandler({
    stage: 'test',
    profile,
    writer: lists,
    download: (url) => published.get(url)!(),
    clock: () => now,
    pause: async () => {},
    log: (line) => void lines.push(line as Record<string, unknown>),
  })(event);

const states = async () =>
  listSources(profile, await lists.all(), await lists.attempts(), now).map(
    ({ source, state, lastAttempt }) => [source.id, state, lastAttempt?.code],
  );

describe('the schedule', () => {
  it('loads every source, and knows the lists again on the next day', async () => {
    expect(await handle({})).toEqual({ switched: 2, unchanged: 0, refused: 0 });
    expect(await handle({})).toEqual({ switched: 0, unchanged: 2, refused: 0 });
  });

  it('loads the one source that it names', async () => {
    expect(await handle({ sourceId: municipal.id })).toMatchObject({ switched: 1 });
    expect(await states()).toEqual([
      [full.id, 'never-loaded', undefined],
      [municipal.id, 'current', undefined],
    ]);
  });

  it('loads the others when one is refused, then fails so that the alarm sees it', async () => {
    published.set(full.url, () =>
      inChunks(buildList(authority, { signedBy: createAuthority('x').signer })),
    );
    await expect(handle({})).rejects.toThrow('1 of 2 lists refused');
    expect(await states()).toEqual([
      [full.id, 'never-loaded', 'crl-signature-invalid'],
      [municipal.id, 'current', undefined],
    ]);
  });

  it('calls a list overdue that still serves when its successor is refused', async () => {
    await handle({});
    published.set(full.url, () => inChunks(buildList(authority, { crlNumber: 9 })));
    await expect(handle({})).rejects.toThrow();
    expect((await states())[0]).toEqual([full.id, 'overdue', 'crl-number-backwards']);
  });

  it('downloads again what arrived cut or damaged', async () => {
    const list = buildList(authority);
    const damaged = Buffer.from(list);
    damaged[list.length - 20]! ^= 1;
    const arrivals = [list.subarray(0, list.length - 5), damaged, list];
    published.set(full.url, () => inChunks(arrivals.shift()!));
    expect(await handle({ sourceId: full.id })).toMatchObject({ switched: 1 });
    expect(arrivals).toHaveLength(0);
  });

  it('gives up after the third', async () => {
    let downloads = 0;
    published.set(full.url, () => {
      downloads++;
      return inChunks(buildList(authority).subarray(0, 50));
    });
    await expect(handle({ sourceId: full.id })).rejects.toThrow();
    expect(downloads).toBe(3);
  });

  it('leaves lines and metrics, and no serial in them', async () => {
    await handle({});
    expect(lines).toContainEqual(
      expect.objectContaining({
        event: 'crl-list',
        source: full.id,
        outcome: 'switched',
        entries: 3,
      }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ Stage: 'test', ListEntries: 3 }));
    expect(JSON.stringify(lines)).not.toMatch(/1000000|16777216/);
  });
});

describe('a list dropped into the bucket', () => {
  const dropped = 's3://bucket/drops%2Fa%20list.crl';
  beforeEach(() => {
    published.set(dropped, () => inChunks(buildList(authority, { source: municipal })));
  });

  it.each<readonly [string, IngestEvent]>([
    [
      'EventBridge',
      { detail: { bucket: { name: 'bucket' }, object: { key: 'drops/a list.crl' } } },
    ],
    [
      'S3 itself',
      { Records: [{ s3: { bucket: { name: 'bucket' }, object: { key: 'drops/a+list.crl' } } }] },
    ],
  ])('as told by %s finds its source', async (_, event) => {
    expect(await handle(event)).toMatchObject({ switched: 1 });
    expect((await lists.all())[0]!.sourceId).toBe(municipal.id);
  });

  it('elsewhere is none of ours', async () => {
    const detail = { bucket: { name: 'bucket' }, object: { key: 'filters/x' } };
    expect(await handle({ detail })).toEqual({ switched: 0, unchanged: 0, refused: 0 });
  });
});
