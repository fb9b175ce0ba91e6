import { MyKeyError } from '../errors.ts';
import type { RecordKey } from './identity-store.ts';
import { peopleLimits } from './limits.ts';
import type { RecordPorts } from './records.ts';
import { seal, unseal, versionOf } from './seal.ts';

/**
 * What an operator holds in place of a subject id or a serial number: sealed under the index key,
 * different at each reading, and expired after a day. Two handles do not reveal whether they name the
 * same person.
 */
export interface PersonHandle {
  readonly subjectId: string;
}

/** Names one certificate of a person by its record, never by its serial number. */
export interface CertificateHandle extends PersonHandle {
  /** The sort key of the certificate's record. */
  readonly held: string;
}

type Kind = 'person' | 'certificate';

interface Sealed<T> {
  readonly handle: T;
  /** Milliseconds since 1970. */
  readonly until: number;
}

type HandlePorts = RecordPorts & { readonly now: number };

/** The value is bound to this place, so that no record of the table opens as a handle. */
const placeOf = (kind: Kind): RecordKey => ({ pk: 'handle', sk: kind });

export const sealPersonHandle = (ports: HandlePorts, handle: PersonHandle): Promise<string> =>
  sealHandle(ports, 'person', handle);

export const sealCertificateHandle = (
  ports: HandlePorts,
  handle: CertificateHandle,
): Promise<string> => sealHandle(ports, 'certificate', handle);

/** @throws MyKeyError `handle-invalid` */
export const openPersonHandle = (ports: HandlePorts, text: string): Promise<PersonHandle> =>
  openHandle(ports, 'person', text);

/** @throws MyKeyError `handle-invalid` */
export const openCertificateHandle = (
  ports: HandlePorts,
  text: string,
): Promise<CertificateHandle> => openHandle(ports, 'certificate', text);

async function sealHandle(
  { keys, now }: HandlePorts,
  kind: Kind,
  handle: PersonHandle,
): Promise<string> {
  const value: Sealed<PersonHandle> = { handle, until: now + peopleLimits.handleMs };
  return Buffer.from(seal(await keys.index(), placeOf(kind), value)).toString('base64url');
}

async function openHandle<T extends PersonHandle>(
  { keys, now }: HandlePorts,
  kind: Kind,
  text: string,
): Promise<T> {
  const { handle, until } = await unsealed<T>(keys, kind, text);
  if (until < now) throw invalid();
  return handle;
}

async function unsealed<T>(keys: RecordPorts['keys'], kind: Kind, text: string) {
  const octets = Buffer.from(text, 'base64url');
  const version = versionIn(octets);
  // Only these versions exist; a made-up number would cost a MAC.
  if (version === undefined || !keys.versions.includes(version)) throw invalid();
  const key = await keys.index(version);
  try {
    return unseal(key, placeOf(kind), octets) as Sealed<T>;
  } catch (cause) {
    throw invalid(cause);
  }
}

function versionIn(octets: Uint8Array): number | undefined {
  try {
    return versionOf(octets);
  } catch {
    return undefined;
  }
}

const invalid = (cause?: unknown): MyKeyError =>
  new MyKeyError('handle-invalid', 'read the flag again for new handles: this one is not valid', {
    cause,
  });
