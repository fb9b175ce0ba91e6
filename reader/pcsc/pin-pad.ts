import { pcscCodes, type PcscApi, type PcscHandle } from './pcsc-api.ts';
import { pcscLimits } from './limits.ts';
import { readerErrorOf } from './pcsc-errors.ts';
import type { ReaderCode } from '../core/codes.ts';
import { ReaderError } from '../core/reader-error.ts';

/** PC/SC part 10, §2.2: the control code that lists a reader's features. */
const getFeatureRequest = 3400;
const verifyPinDirect = 0x06;

/**
 * The control code of FEATURE_VERIFY_PIN_DIRECT; undefined for a reader without PIN pad, or if its
 * feature list cannot be read, in which case the PIN is entered on the screen.
 */
export async function findPinPad(api: PcscApi, card: PcscHandle): Promise<number | undefined> {
  const { code, output } = await api.control(
    card,
    api.controlCode(getFeatureRequest),
    new Uint8Array(0),
  );
  if (code !== pcscCodes.success || output.length % 6 !== 0) return undefined;
  for (let at = 0; at < output.length; at += 6) {
    if (output[at] === verifyPinDirect && output[at + 1] === 4) {
      return Buffer.from(output).readUInt32BE(at + 2);
    }
  }
  return undefined;
}

/** Lets the reader request the PIN and send it to the card; resolves to SW1 SW2. */
export async function verifyOnPinPad(
  api: PcscApi,
  card: PcscHandle,
  controlCode: number,
  verify: Uint8Array,
  digits: number,
): Promise<Uint8Array> {
  const { code, output } = await api.control(card, controlCode, pinVerify(verify, digits));
  if (code === pcscCodes.success) {
    if (output.length === 2) return output;
    throw new ReaderError('pinpad-failed');
  }
  if (code === pcscCodes.timeout) return Uint8Array.of(0x64, 0x00);
  // Cancellation is reported by status word 6401 alone. SCARD_E_CANCELLED also occurs when a driver is
  // stopped, and no specification says when SCardControl returns SCARD_W_CANCELLED_BY_USER.
  const error = readerErrorOf(code);
  throw isOfThePad(error.code) ? new ReaderError('pinpad-failed', error.details) : error;
}

/** Faults that card, reader and service do not explain. */
const isOfThePad = (code: ReaderCode): boolean =>
  code === 'reader-failed' || code === 'reader-driver-missing' || code === 'card-not-supported';

/** PIN_VERIFY (PC/SC part 10, §2.5.2), little-endian: ASCII digits, fixed length. */
function pinVerify(verify: Uint8Array, digits: number): Uint8Array {
  const head = Buffer.alloc(19);
  head[0] = pcscLimits.pinPadSeconds;
  head[1] = pcscLimits.pinPadSeconds;
  head[2] = 0x82; // bmFormatString: octets, from position 0, left justified, ASCII
  head[3] = digits; // bmPINBlockString: so many octets
  head[4] = 0x00; // bmPINLengthFormat: the length is not sent
  head.writeUInt16LE((digits << 8) | digits, 5); // wPINMaxExtraDigit: least and most
  head[7] = 0x02; // bEntryValidationCondition: the confirmation key
  head[8] = 0x01; // bNumberMessage
  head.writeUInt16LE(0x0411, 9); // wLangId: Japanese
  head.writeUInt32LE(verify.length, 15);
  return Buffer.concat([head, verify]);
}
