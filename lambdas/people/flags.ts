import { createHash } from 'node:crypto';
import type { IdentityRecord } from './identity-store.ts';
import { flagKey, flagPartition, flagPrefix } from './layout.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { openWith, type Opened, type RecordPorts } from './records.ts';
import { seal, versionOf } from './seal.ts';

/** Two sources disagree about who is one person; only an operator decides. */
export interface Flag {
  readonly flagId: string;
  readonly kind:
    /** A certificate and the one it renewed stand under two subjects. */
    | 'predecessor-of-another-subject'
    /** The signature certificate of a card stands under another subject than the card. */
    | 'signature-certificate-of-another-subject';
  readonly subjects: readonly string[];
  /** Milliseconds since 1970; when it was seen first. */
  readonly seenAt: number;
}

/** Raised once for the same kind and subjects, however often it is seen. */
export async function raiseFlag(
  { store, keys }: RecordPorts,
  flag: Omit<Flag, 'flagId'>,
): Promise<void> {
  const flagId = createHash('sha256')
    .update(lengthPrefixed(flag.kind, ...flag.subjects.toSorted()))
    .digest('base64url');
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
