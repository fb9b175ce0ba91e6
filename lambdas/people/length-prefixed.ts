/**
 * Fields with their lengths (2 octets, big endian) in front, so that no two lists of fields have
 * the same octets.
 */
export function lengthPrefixed(...fields: readonly (Uint8Array | string)[]): Buffer {
  const parts = fields.flatMap((field) => {
    const octets = typeof field === 'string' ? Buffer.from(field, 'utf8') : field;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(octets.length);
    return [length, octets];
  });
  return Buffer.concat(parts);
}
