import { concurrentWrite } from './concurrent-write.ts';
import type { FiledRegistration } from './find-person.ts';
import type { RecordChange } from './identity-store.ts';
import { bucketOf } from './layout.ts';
import { resealed, type RecordPorts, type Registration } from './records.ts';

/** The change that replaces what the service relies on of a person's cards. */
export async function replacingRegistration(
  { keys }: RecordPorts,
  { record, token, subjectId }: FiledRegistration,
  value: Registration,
): Promise<RecordChange> {
  const bucketKey = await keys.bucket(bucketOf(subjectId));
  return { change: 'replace', record: resealed(record, bucketKey, value), was: token };
}

/**
 * Replaces a registration.
 * @throws MyKeyError `dependency-unavailable`: another call wrote it concurrently; repeat
 */
export async function keepRegistration(
  ports: RecordPorts,
  registration: FiledRegistration,
  value: Registration,
): Promise<void> {
  if (await ports.store.write([await replacingRegistration(ports, registration, value)])) return;
  throw concurrentWrite('the registration');
}
