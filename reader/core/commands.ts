import {
  applications as profile,
  type Application,
  type ApplicationName,
  type FileOf,
  type KeyOf,
  type ReferenceOf,
} from './card-profile.ts';
import { ReaderError } from './reader-error.ts';

const applications: Readonly<Record<ApplicationName, Application>> = profile;

/**
 * Every command that this reader can send (ISO/IEC 7816-4 and -8). Files and references are given
 * by their names in `card-profile.ts`, so that others cannot be addressed, not even by an untyped
 * caller. Short length only, which every reader supports.
 */
export const commands = {
  selectApplication: (name: ApplicationName): Uint8Array =>
    apdu(0x00, 0xa4, 0x04, 0x0c, hexOctets(own(applications, name).aid)),

  selectFile: <A extends ApplicationName>(application: A, file: FileOf<A>): Uint8Array =>
    selectElementary(own(own(applications, application).files, file as string)),

  selectReference: <A extends ApplicationName>(
    application: A,
    reference: ReferenceOf<A>,
  ): Uint8Array =>
    selectElementary(own(own(applications, application).references, reference as string).id),

  selectKey: <A extends ApplicationName>(application: A, key: KeyOf<A>): Uint8Array =>
    selectElementary(own(own(applications, application).keys, key as string)),

  /** READ BINARY of the selected file; 0 requests 256 octets, as in the standard. */
  readBinary: (offset: number, length: number): Uint8Array => {
    if (offset < 0 || offset > 0x7fff) throw new ReaderError('card-answer-invalid');
    return Uint8Array.of(0x00, 0xb0, offset >> 8, offset & 0xff, length & 0xff);
  },

  /** Try counter of the selected reference: VERIFY without data uses up no try. */
  triesLeft: (): Uint8Array => Uint8Array.of(0x00, 0x20, 0x00, 0x80),

  /** VERIFY. A value of the wrong form is refused here, before it uses up a try. */
  verify: <A extends ApplicationName>(
    application: A,
    reference: ReferenceOf<A>,
    secret: string,
  ): Uint8Array => {
    const { form } = own(own(applications, application).references, reference as string);
    if (!form.test(secret)) {
      throw new ReaderError('pin-form', { credential: reference as never });
    }
    return apdu(0x00, 0x20, 0x00, 0x80, new TextEncoder().encode(secret));
  },

  /** The VERIFY command for a PIN pad, which fills in the data field. */
  verifyTemplate: (digits: number): Uint8Array =>
    apdu(0x00, 0x20, 0x00, 0x80, new Uint8Array(digits).fill(0xff)),

  /** PERFORM SECURITY OPERATION of the JPKI application's selected key. */
  signWithSelectedKey: (input: number, data: Uint8Array): Uint8Array =>
    concat(apdu(0x80, 0x2a, input, 0x80, data), Uint8Array.of(0)),

  /** The surface application's key signs a challenge: a variant of INTERNAL AUTHENTICATE. */
  signWithChip: (digestInfo: Uint8Array): Uint8Array =>
    concat(apdu(0x80, 0x2a, 0x00, 0x00, digestInfo), Uint8Array.of(0)),

  getResponse: (length: number): Uint8Array => Uint8Array.of(0x00, 0xc0, 0x00, 0x00, length & 0xff),
} as const;

const selectElementary = (id: number): Uint8Array =>
  apdu(0x00, 0xa4, 0x02, 0x0c, Uint8Array.of(id >> 8, id & 0xff));

/** True for the table's own names; inherited ones such as `constructor` are refused. */
function own<T>(table: Readonly<Record<string, T>>, name: string): T {
  if (Object.hasOwn(table, name)) return table[name]!;
  throw new RangeError(`the card profile names no ${name}`);
}

function apdu(cla: number, ins: number, p1: number, p2: number, data: Uint8Array): Uint8Array {
  if (data.length === 0 || data.length > 255) throw new RangeError('1 to 255 octets of data');
  return concat(Uint8Array.of(cla, ins, p1, p2, data.length), data);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

const hexOctets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g)!, (octet) => Number.parseInt(octet, 16));
