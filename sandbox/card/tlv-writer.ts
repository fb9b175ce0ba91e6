/** A BER-TLV object with a tag of one or two octets. */
export function tlv(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(content);
  const { length } = value;
  const tagOctets = tag > 0xff ? [tag >> 8, tag & 0xff] : [tag];
  const lengthOctets =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.from([...tagOctets, ...lengthOctets]), value]);
}
