import { type DerReader, enterWhole, tag } from './der.ts';
import { readOid } from './object-identifier.ts';

/** AlgorithmIdentifier (RFC 5280 §4.1.1.2). */
export interface AlgorithmIdentifier {
  /** Dotted decimal. */
  readonly algorithm: string;
  /** DER of the parameters, a view; undefined when absent. */
  readonly parameters: Uint8Array | undefined;
  /** The whole AlgorithmIdentifier, for comparison octet by octet. */
  readonly der: Uint8Array;
}

/** Reads the next value of `reader` as an AlgorithmIdentifier. Throws `DerError`. */
export function readAlgorithmIdentifier(
  reader: DerReader,
  expected: number = tag.sequence,
): AlgorithmIdentifier {
  const start = reader.offset;
  const content = reader.enter(expected);
  const algorithm = readOid(content);
  const parameters = content.atEnd ? undefined : content.element();
  content.finish();
  return { algorithm, parameters, der: reader.bytes.subarray(start, reader.offset) };
}

/** As `readAlgorithmIdentifier`, but returns `known` without parsing when the octets are equal. */
export function readAlgorithmAgain(
  reader: DerReader,
  known: AlgorithmIdentifier,
): AlgorithmIdentifier {
  const { bytes, offset, end } = reader;
  const { length } = known.der;
  if (offset + length > end) return readAlgorithmIdentifier(reader);
  for (let i = 0; i < length; i++) {
    if (bytes[offset + i] !== known.der[i]) return readAlgorithmIdentifier(reader);
  }
  reader.offset += length;
  return known;
}

/** Reads exactly one AlgorithmIdentifier. Throws `DerError`. */
export function parseAlgorithmIdentifier(der: Uint8Array): AlgorithmIdentifier {
  const content = enterWhole(der);
  const algorithm = readOid(content);
  const parameters = content.atEnd ? undefined : content.element();
  content.finish();
  return { algorithm, parameters, der };
}
