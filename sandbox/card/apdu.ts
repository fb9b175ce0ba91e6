/** A command APDU (ISO/IEC 7816-3 §12.1), short or extended. */
export interface CommandApdu {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
  /** Ne, the maximum number of octets expected; undefined without an Le field. */
  readonly expected: number | undefined;
  readonly extended: boolean;
}

/** undefined: the lengths are inconsistent (`6700`). */
export function parseCommand(bytes: Uint8Array): CommandApdu | undefined {
  if (bytes.length < 4) return undefined;
  const [cla, ins, p1, p2] = bytes as unknown as [number, number, number, number];
  const head = { cla, ins, p1, p2 };
  const none = new Uint8Array(0);
  if (bytes.length === 4) return { ...head, data: none, expected: undefined, extended: false };
  const short = { ...head, extended: false };
  if (bytes.length === 5) return { ...short, data: none, expected: bytes[4]! || 256 };
  const lc = bytes[4]!;
  if (lc > 0) {
    const data = bytes.subarray(5, 5 + lc);
    if (bytes.length === 5 + lc) return { ...short, data, expected: undefined };
    if (bytes.length === 6 + lc) return { ...short, data, expected: bytes[5 + lc]! || 256 };
    return undefined;
  }
  const extended = { ...head, extended: true };
  const at = (offset: number): number => bytes[offset]! * 256 + bytes[offset + 1]!;
  if (bytes.length === 7) return { ...extended, data: none, expected: at(5) || 65_536 };
  const long = at(5);
  const data = bytes.subarray(7, 7 + long);
  if (long === 0) return undefined;
  if (bytes.length === 7 + long) return { ...extended, data, expected: undefined };
  if (bytes.length === 9 + long) return { ...extended, data, expected: at(7 + long) || 65_536 };
  return undefined;
}

export const status = (word: number): Uint8Array => Uint8Array.of(word >> 8, word & 0xff);

export const withStatus = (data: Uint8Array, word: number): Uint8Array =>
  Buffer.concat([data, status(word)]);
