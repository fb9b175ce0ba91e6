/** RFC 5280 §4.1.2.2: at most 20 octets; with a leading zero octet where the top bit is set, 21. */
const maxSerialHex = 42;

/**
 * A serial as people's files have it: hex of the INTEGER's content octets, in either case. Leading
 * zeros may be missing or too many (spreadsheets drop them): they are put as DER has them
 * (X.690 §8.3.2). Undefined when it is none, or zero or negative never issued as such.
 */
export function parseSerial(text: string): string | undefined {
  if (text.length === 0 || text.length > maxSerialHex || !hex.test(text)) return undefined;
  let digits = text.toLowerCase();
  if (canonical.test(digits)) return digits;
  digits = digits.replace(/^0+/, '');
  if (digits === '') return undefined;
  if (digits.length % 2 === 1) digits = `0${digits}`;
  if (digits >= '8') digits = `00${digits}`;
  return digits.length > maxSerialHex ? undefined : digits;
}

const hex = /^[0-9a-fA-F]+$/;
/** An even number of digits, top bit clear, first octet not zero: what nearly every row is. */
const canonical = /^(?:0[1-9a-f]|[1-7][0-9a-f])(?:[0-9a-f]{2})*$/;

/** 160 bits in base32, lower case (design §6). */
export function parsePpid(text: string): string | undefined {
  const ppid = text.toLowerCase();
  return /^[a-z2-7]{32}$/.test(ppid) ? ppid : undefined;
}
