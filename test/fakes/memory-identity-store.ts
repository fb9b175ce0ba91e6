import type {
  IdentityIndex,
  IdentityRange,
  IdentityRecord,
  IdentityScan,
  IdentityStore,
  RecordChange,
  RecordKey,
} from '../../lambdas/people/identity-store.ts';
import { peopleLimits } from '../../lambdas/people/limits.ts';

const nameOf = ({ pk, sk }: RecordKey): string => `${pk}\n${sk}`;

/** Records in memory, under the conditions that every identity store holds to. */
export function memoryIdentityStore(): IdentityStore &
  IdentityScan &
  IdentityIndex &
  IdentityRange & {
    readonly records: ReadonlyMap<string, IdentityRecord>;
    /** DynamoDB's time to live, on the second. */
    expire(now: number): void;
  } {
  const records = new Map<string, IdentityRecord>();
  const partitions = new Map<string, Map<string, IdentityRecord>>();
  const put = (record: IdentityRecord): void => {
    records.set(nameOf(record), record);
    const partition = partitions.get(record.pk) ?? new Map<string, IdentityRecord>();
    partitions.set(record.pk, partition.set(record.sk, record));
  };
  const drop = (key: RecordKey): void => {
    records.delete(nameOf(key));
    partitions.get(key.pk)?.delete(key.sk);
  };
  const inOrder = (
    pk: string,
    chosen: (record: IdentityRecord) => boolean,
    limit: number,
  ): readonly IdentityRecord[] =>
    [...(partitions.get(pk)?.values() ?? [])]
      .filter(chosen)
      .toSorted((one, other) => (one.sk < other.sk ? -1 : 1))
      .slice(0, limit);
  let writes = 0;
  const holds = (change: RecordChange): boolean => {
    if (change.change === 'create') return !records.has(nameOf(change.record));
    if (change.change === 'replace') {
      return records.get(nameOf(change.record))?.token === change.was;
    }
    const found = records.get(nameOf(change.key));
    if (change.change === 'delete' && found === undefined) return true;
    return found?.token === change.was;
  };
  return {
    records,
    read: async (key) => records.get(nameOf(key)),
    existing: async (keys) => keys.filter((key) => records.has(nameOf(key))),
    list: async (pk, skPrefix, { after = '', limit = Infinity } = { limit: Infinity }) =>
      inOrder(pk, ({ sk }) => sk.startsWith(skPrefix) && sk > after, limit),
    range: async (pk, from, to, limit) => inOrder(pk, ({ sk }) => sk >= from && sk <= to, limit),
    scan: async () => ({ records: [...records.values()] }),
    expire(now) {
      for (const record of records.values())
        if (record.expiresAt !== undefined && record.expiresAt * 1_000 < now) drop(record);
    },
    async write(changes) {
      if (changes.length > peopleLimits.changesPerWrite)
        throw new RangeError('too many changes for one transaction');
      if (!changes.every(holds)) return false;
      const token = String((writes += 1));
      for (const change of changes) {
        if (change.change === 'none') continue;
        if (change.change === 'delete') drop(change.key);
        else put({ ...change.record, token });
      }
      return true;
    },
  };
}
