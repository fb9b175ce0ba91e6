import { createHash } from 'node:crypto';
import type { IdentityRecord, RecordChange } from './identity-store.ts';
import { flagKey, flagPartition, flagPrefix } from './layout.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { openWith, resealed, type Opened, type RecordPorts } from './records.ts';
import { seal, versionOf } from './seal.ts';

const flagKinds = [
  // A certificate and the certificate that it renewed are filed under different subjects.
  'predecessor-of-another-subject',
  // A card's signature certificate is filed under another subject than its user-authentication
  // certificate.
  'signature-certificate-of-another-subject',
] as const;

/** Two sources disagree on whether two subjects are one person. An operator must decide. */
export interface Flag {
  readonly flagId: string;
  readonly kind: (typeof flagKinds)[number];
  readonly subjects: readonly string[];
  /** Milliseconds since 1970 of the first observation. */
  readonly seenAt: number;
  /** The operator's decision; once decided, the flag is not raised again. */
  readonly settled?: { readonly at: number; readonly as: 'one-person' | 'two-persons' };
}

/** Creates one flag per kind and pair of subjects; later observations change nothing. */
export async function raiseFlag(
  { store, keys }: RecordPorts,
  flag: Omit<Flag, 'flagId' | 'settled'>,
): Promise<void> {
  const flagId = flagIdOf(flag.kind, flag.subjects);
  const key = flagKey(flagId);
  const sealed = seal(await keys.index(), key, { ...flag, flagId });
  await store.write([{ change: 'create', record: { ...key, sealed } }]);
}

export async function listFlags({ store, keys }: RecordPorts): Promise<readonly Opened<Flag>[]> {
  const found = await store.list(flagPartition, flagPrefix);
  return Promise.all(
    found.map(async (record: IdentityRecord) =>
      openWith<Flag>(record, await keys.index(versionOf(record.sealed))),
    ),
  );
}

/**
 * The changes that settle the flags of these two subjects, for the operator act's own transaction.
 */
export async function settleFlag(
  subjects: readonly [string, string],
  as: 'one-person' | 'two-persons',
  { store, keys, now }: RecordPorts & { readonly now: number },
): Promise<readonly RecordChange[]> {
  const index = await keys.index();
  const settled = { at: now, as };
  return Promise.all(
    flagKinds.map(async (kind): Promise<RecordChange> => {
      const flagId = flagIdOf(kind, subjects);
      const key = flagKey(flagId);
      const record = await store.read(key);
      if (record === undefined) {
        const flag: Flag = { flagId, kind, subjects, seenAt: now, settled };
        return { change: 'create', record: { ...key, sealed: seal(index, key, flag) } };
      }
      const { value } = openWith<Flag>(record, await keys.index(versionOf(record.sealed)));
      const decided = resealed(record, index, { ...value, settled });
      return { change: 'replace', record: decided, was: record.token };
    }),
  );
}

const flagIdOf = (kind: Flag['kind'], subjects: readonly string[]): string =>
  createHash('sha256')
    .update(lengthPrefixed(kind, ...subjects.toSorted()))
    .digest('base64url');
