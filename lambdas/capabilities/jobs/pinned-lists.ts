import type { BulkLists } from '../../crl-store/lookup/bulk-check.ts';
import { packSerials, unpackEntries } from '../../crl-store/format/packed-serials.ts';
import type {
  Generation,
  ListScope,
  RevokedEntry,
  StoredLists,
} from '../../crl-store/lookup/stored-lists.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
import { jobFiles } from './job-files.ts';
import type { JobFiles } from './ports.ts';

/**
 * Fixes the current generation of every list of every trusted issuer, full and partial, so that all chunks
 * of a job judge by the same lists. A file, because the generations of some 1,700 municipal lists exceed
 * what an item holds (400 KB).
 */
export async function pinLists(
  jobId: string,
  {
    files,
    lists,
    profile,
  }: {
    readonly files: Pick<JobFiles, 'write'>;
    readonly lists: Pick<StoredLists, 'all'>;
    readonly profile: Pick<TrustProfile, 'anchors'>;
  },
): Promise<void> {
  const trusted = new Set(profile.anchors.map(({ certificate }) => issuerKeyIdOf(certificate)));
  const pinned = (await lists.all()).filter(({ issuerKeyId }) => trusted.has(issuerKeyId));
  await files.write(jobFiles.lists(jobId), JSON.stringify(pinned), 'none');
}

/** The generations that `pinLists` kept. */
export async function readPinnedLists(
  jobId: string,
  files: Pick<JobFiles, 'stream'>,
): Promise<readonly Generation[]> {
  const parts: Uint8Array[] = [];
  for await (const part of files.stream(jobFiles.lists(jobId), 'none')) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as readonly Generation[];
}

/** The store of lists failed: the chunk is tried again, where a single answer would be unknown. */
export class ListsUnread extends Error {
  constructor(cause: unknown) {
    super('the lists could not be read', { cause });
    this.name = 'ListsUnread';
  }
}

interface Waiting {
  readonly serial: Uint8Array;
  readonly resolve: (entry: RevokedEntry | undefined) => void;
  readonly reject: (cause: unknown) => void;
}

const keyOf = ({ issuerKeyId, scope }: ListScope): string => `${issuerKeyId}#${scope}`;

/**
 * Lists of a job, as the engine asks for them. Lookups of one turn of the event loop are read together: a
 * chunk of 50,000 rows then reads each page once.
 */
export function pinnedLists(
  generations: readonly Generation[],
  lists: Pick<BulkLists, 'lookupPacked'>,
): Pick<StoredLists, 'current' | 'lookup'> {
  const byScope = new Map(generations.map((generation) => [keyOf(generation), generation]));
  let waiting = new Map<Generation, Waiting[]>();

  const read = async (generation: Generation, rows: readonly Waiting[]): Promise<void> => {
    try {
      const serials = packSerials(rows.map(({ serial }) => serial));
      const entries = unpackEntries(await lists.lookupPacked(generation, serials));
      for (const [at, { resolve }] of rows.entries()) resolve(entries[at]);
    } catch (cause) {
      for (const { reject } of rows) reject(new ListsUnread(cause));
    }
  };
  const readAll = (): void => {
    const asked = waiting;
    waiting = new Map();
    for (const [generation, rows] of asked) void read(generation, rows);
  };
  const lookUp = (generation: Generation, serial: Uint8Array) =>
    new Promise<RevokedEntry | undefined>((resolve, reject) => {
      if (waiting.size === 0) setImmediate(readAll);
      const rows = waiting.get(generation);
      const row = { serial, resolve, reject };
      if (rows === undefined) waiting.set(generation, [row]);
      else rows.push(row);
    });
  return {
    current: (scope) => Promise.resolve(byScope.get(keyOf(scope))),
    lookup: (generation, serials) =>
      Promise.all(serials.map((serial) => lookUp(generation, serial))),
  };
}
