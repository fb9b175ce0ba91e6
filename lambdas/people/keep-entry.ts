import { MyKeyError } from '../errors.ts';
import type { Entry, Opened, RecordPorts } from './records.ts';
import { resealed } from './records.ts';

/**
 * Replaces a service's entry for a person.
 * @throws MyKeyError `dependency-unavailable`: another call wrote the entry concurrently; repeat
 */
export async function keepEntry(
  { store, keys }: RecordPorts,
  serviceId: string,
  entry: Opened<Entry>,
  value: Entry,
): Promise<void> {
  const record = resealed(entry.record, await keys.service(serviceId), value);
  const kept = await store.write([{ change: 'replace', record, was: entry.token }]);
  if (!kept)
    throw new MyKeyError(
      'dependency-unavailable',
      'repeat the request: another call wrote the entry concurrently',
    );
}
