import type {
  IdentityIndex,
  IdentityRange,
  IdentityRecord,
  IdentityScan,
  IdentityStore,
  RecordChange,
  RecordKey,
} from '../../lambdas/people/identity-store.ts';

const nameOf = ({ pk, sk }: RecordKey): string => `${pk}\n${sk}`;

/** Records in memory, under the conditions that every identity store holds to. */
export function memoryIdentityStore(): IdentityStore &
  IdentityScan &
  IdentityIndex &
  IdentityRange & { readonly records: ReadonlyMap<string, IdentityRecord> } {
  const records = new Map<string, IdentityRecord>();
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
      [...records.values()]
        .filter((record) => record.pk === pk && record.sk.startsWith(skPrefix) && record.sk > after)
        .toSorted((one, other) => (one.sk < other.sk ? -1 : 1))
        .slice(0, limit),
    range: async (pk, from, to, limit) =>
      [...records.values()]
        .filter((record) => record.pk === pk && record.sk >= from && record.sk <= to)
        .toSorted((one, other) => (one.sk < other.sk ? -1 : 1))
        .slice(0, limit),
    scan: async () => ({ records: [...records.values()] }),
    async write(changes) {
      if (!changes.every(holds)) return false;
      const token = String((writes += 1));
      for (const change of changes) {
        if (change.change === 'none') continue;
        if (change.change === 'delete') records.delete(nameOf(change.key));
        else records.set(nameOf(change.record), { ...change.record, token });
      }
      return true;
    },
  };
}
