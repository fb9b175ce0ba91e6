/**
 * Prefixes each field with its length (2 octets, big endian), so that different lists of fields
 * never encode to the same octets.
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
