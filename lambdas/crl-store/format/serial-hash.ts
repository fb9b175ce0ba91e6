/**
 * MurmurHash3 (32 bits) of a serial number's octets, which selects its page and its filter cells. It is not
 * a cryptographic hash and need not be: the pages contain the serial numbers themselves.
 */
export function serialHash(bytes: Uint8Array, start: number, length: number, seed: number): number {
  let hash = seed | 0;
  const end = start + length;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash ^= mixWord(word);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (at < end) {
    let word = 0;
    for (let shift = 0; at < end; at++, shift += 8) word |= bytes[at]! << shift;
    hash ^= mixWord(word);
  }
  return avalanche(hash ^ length);
}

function mixWord(word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

/** MurmurHash3's finaliser: a bijection of 32-bit values; every output bit depends on every input bit. */
export function avalanche(value: number): number {
  let h = value;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}
