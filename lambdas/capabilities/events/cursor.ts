import type { IdentityKeys } from '../../people/identity-keys.ts';
import { seal, unseal, versionOf } from '../../people/seal.ts';
import { MyKeyError } from '../../errors.ts';
import { FieldErrors } from '../../platform/http/problems.ts';

interface Position {
  /** The number of the last event that the reader has. */
  readonly after: number;
}

/** Binds a cursor to the service, beside its key. */
const placeOf = (serviceId: string) => ({ pk: 'event-cursor', sk: serviceId });

/** A position in a service's feed, sealed: it reveals nothing and cannot be made up. */
export async function cursorOf(
  keys: IdentityKeys,
  serviceId: string,
  after: number,
): Promise<string> {
  const position: Position = { after };
  const sealed = seal(await keys.service(serviceId), placeOf(serviceId), position);
  return Buffer.from(sealed).toString('base64url');
}

/**
 * @throws FieldErrors: not a cursor of this service; MyKeyError `cursor-too-old`: the platform no
 *   longer has the key version that sealed it
 */
export async function openCursor(
  keys: IdentityKeys,
  serviceId: string,
  cursor: string,
): Promise<number> {
  const sealed = Buffer.from(cursor, 'base64url');
  let version;
  try {
    version = versionOf(sealed);
  } catch {
    throw notOurs();
  }
  if (!keys.versions.includes(version)) {
    if (version > 0 && version < Math.min(...keys.versions)) {
      throw new MyKeyError(
        'cursor-too-old',
        'read from the oldest kept event, without `after`: the key of this cursor is out of use',
      );
    }
    throw notOurs();
  }
  const key = await keys.service(serviceId, version);
  try {
    return (unseal(key, placeOf(serviceId), sealed) as Position).after;
  } catch {
    throw notOurs();
  }
}

const notOurs = (): FieldErrors =>
  new FieldErrors('a parameter does not fit', [
    { parameter: 'after', detail: 'send `next` of an answer to this service, unaltered' },
  ]);
