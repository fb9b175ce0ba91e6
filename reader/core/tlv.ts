import { limits } from './limits.ts';
import { ReaderError } from './reader-error.ts';

/** One BER-TLV object (ISO/IEC 7816-4, annex E of the 2020 edition). */
export interface Tlv {
  readonly tag: number;
  /** Tag, length and value. */
  readonly object: Uint8Array;
  readonly value: Uint8Array;
}

interface Header {
  readonly tag: number;
  readonly headerLength: number;
  readonly length: number;
}

/** Parses the header at an offset; undefined if the octets end within it. */
export function readHeader(bytes: Uint8Array, offset = 0): Header | undefined {
  let at = offset;
  const first = bytes[at++];
  if (first === undefined) return undefined;
  let tag = first;
  if ((first & 0x1f) === 0x1f) {
    const second = bytes[at++];
    if (second === undefined) return undefined;
    if (second & 0x80) throw invalid();
    tag = (first << 8) | second;
  }
  const firstLength = bytes[at++];
  if (firstLength === undefined) return undefined;
  if (firstLength < 0x80) return { tag, headerLength: at - offset, length: firstLength };
  const octets = firstLength & 0x7f;
  if (octets === 0 || octets > limits.lengthOctets) throw invalid();
  let length = 0;
  for (let i = 0; i < octets; i++) {
    const octet = bytes[at++];
    if (octet === undefined) return undefined;
    length = length * 256 + octet;
  }
  return { tag, headerLength: at - offset, length };
}

/** Consecutive objects that fill the octets exactly. */
export function parseAll(bytes: Uint8Array): readonly Tlv[] {
  const found: Tlv[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const tlv = parseAt(bytes, offset);
    found.push(tlv);
    offset += tlv.object.length;
  }
  return found;
}

/** The object at the start; octets after it (padding of the file) are ignored. */
export function parseFirst(bytes: Uint8Array, tag: number): Tlv {
  const tlv = parseAt(bytes, 0);
  if (tlv.tag !== tag) throw invalid();
  return tlv;
}

/**
 * The children of a template: exactly these tags, in this order, each once.
 */
export function children<K extends string>(
  template: Tlv,
  expected: Readonly<Record<K, number>>,
): Record<K, Tlv> {
  const names = Object.keys(expected) as K[];
  const found = parseAll(template.value);
  if (found.length !== names.length) throw invalid();
  return Object.fromEntries(
    names.map((name, index) => {
      const child = found[index]!;
      if (child.tag !== expected[name]) throw invalid();
      return [name, child];
    }),
  ) as Record<K, Tlv>;
}

function parseAt(bytes: Uint8Array, offset: number): Tlv {
  const header = readHeader(bytes, offset);
  if (!header) throw invalid();
  const start = offset + header.headerLength;
  const end = start + header.length;
  if (end > bytes.length) throw invalid();
  return {
    tag: header.tag,
    object: bytes.subarray(offset, end),
    value: bytes.subarray(start, end),
  };
}

const invalid = (): ReaderError => new ReaderError('card-answer-invalid');
