/** Compares octets. Not for secrets: it returns at the first difference. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  // For longer values (names, certificates), a native comparison is faster.
  if (a.length > 64) return Buffer.compare(a, b) === 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lower-case hex. */
export const toHex = (octets: Uint8Array): string => viewOf(octets).toString('hex');

/** One character for each octet (ISO 8859-1). */
export const toLatin1 = (octets: Uint8Array): string => viewOf(octets).toString('latin1');

/** Base64 (RFC 4648 §4) without line breaks. */
export const toBase64 = (octets: Uint8Array): string => viewOf(octets).toString('base64');

const viewOf = (octets: Uint8Array): Buffer =>
  Buffer.from(octets.buffer, octets.byteOffset, octets.length);
