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
  if (expected === tag.sequence) {
    for (const frequent of frequentAlgorithms) if (reader.skips(frequent.der)) return frequent;
  }
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
  return reader.skips(known.der) ? known : readAlgorithmIdentifier(reader);
}

/** Reads exactly one AlgorithmIdentifier. Throws `DerError`. */
export function parseAlgorithmIdentifier(der: Uint8Array): AlgorithmIdentifier {
  const content = enterWhole(der);
  const algorithm = readOid(content);
  const parameters = content.atEnd ? undefined : content.element();
  content.finish();
  return { algorithm, parameters, der };
}

/** sha256WithRSAEncryption, rsaEncryption, ecdsa-with-SHA256 and a key on P-256: found without parsing. */
const frequentAlgorithms: readonly AlgorithmIdentifier[] = [
  '300d06092a864886f70d01010b0500',
  '300d06092a864886f70d0101010500',
  '300a06082a8648ce3d040302',
  '301306072a8648ce3d020106082a8648ce3d030107',
].map((hex) => parseAlgorithmIdentifier(Buffer.from(hex, 'hex')));
