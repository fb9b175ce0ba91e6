import { engineLimits } from '../limits.ts';
import {
  type AlgorithmIdentifier,
  readAlgorithmAgain,
  readAlgorithmIdentifier,
} from './algorithm-identifier.ts';
import {
  contextConstructed,
  contextPrimitive,
  DerError,
  type DerReader,
  enterWhole,
  tag,
} from './der.ts';
import { type Extension, readExtensions } from './extensions.ts';
import { type DistinguishedName, readIssuerName, readNameAgain } from './name.ts';
import type { KeyShape } from './public-key.ts';
import { RepeatedExtensions } from './repeated-extensions.ts';

/**
 * A parsed certificate (RFC 5280 §4.1): views into the bytes it came from. Issuer names, algorithms and
 * common extensions may be shared with other certificates that have the same octets there.
 */
export interface Certificate {
  /** The whole certificate. */
  readonly der: Uint8Array;
  /** The bytes that the issuer signed. */
  readonly tbs: Uint8Array;
  /** 1, 2 or 3. */
  readonly version: number;
  /** Content octets of the serial INTEGER. */
  readonly serial: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** The signature field of the TBSCertificate; RFC 5280 §4.1.1.2 requires both to be equal. */
  readonly tbsSignatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly keyAlgorithm: AlgorithmIdentifier;
  /** The subjectPublicKey bits (whole octets). */
  readonly keyBits: Uint8Array;
  /** Cache of `shapeOf`. */
  shape?: KeyShape | undefined;
  /** Cache of `octetDigest`; a copy with another `der` must not take it over. */
  digest?: string | undefined;
  /** issuerUniqueID or subjectUniqueID is present (v2 and v3 only, RFC 5280 §4.1.2.8). */
  readonly hasUniqueIdentifier: boolean;
  /** In order of appearance. Decoded lazily by the functions of `extensions.ts`. */
  readonly extensions: readonly Extension[];
}

const repeatedExtensions = new RepeatedExtensions();

/**
 * Parses one certificate in strict DER; trailing octets are refused. It checks the structure only, and
 * nothing is trusted before path validation. Throws `DerError` (`certificate-malformed`).
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > engineLimits.certificateOctets) throw new DerError('certificate too large');
  const outer = enterWhole(der);
  const tbsStart = outer.offset;
  const fields = outer.enter(tag.sequence);
  const tbsEnd = outer.offset;
  const signatureAlgorithm = readAlgorithmIdentifier(outer);
  const signature = outer.octetAlignedBits();
  outer.finish();

  const version = readVersion(fields);
  const serial = fields.integerBytes();
  const tbsSignatureAlgorithm = readAlgorithmAgain(fields, signatureAlgorithm);
  const issuer = readIssuerName(fields);
  const validity = fields.enter(tag.sequence);
  const notBefore = validity.time();
  const notAfter = validity.time();
  validity.finish();
  const subject = readNameAgain(fields, issuer);
  const spkiStart = fields.offset;
  const key = fields.enter(tag.sequence);
  const spkiEnd = fields.offset;
  const keyAlgorithm = readAlgorithmIdentifier(key);
  const keyBits = key.octetAlignedBits();
  key.finish();
  const hasUniqueIdentifier = skipUniqueIdentifiers(fields);
  const wrapper = fields.enterOptional(contextConstructed(3));
  fields.finish();

  return {
    der,
    tbs: der.subarray(tbsStart, tbsEnd),
    version,
    serial,
    signatureAlgorithm,
    tbsSignatureAlgorithm,
    signature,
    issuer,
    subject,
    notBefore,
    notAfter,
    spki: der.subarray(spkiStart, spkiEnd),
    keyAlgorithm,
    keyBits,
    shape: undefined,
    digest: undefined,
    hasUniqueIdentifier,
    extensions: wrapper === undefined ? [] : readExtensions(wrapper, 1, repeatedExtensions),
  };
}

/** Version ::= INTEGER { v1(0), v2(1), v3(2) } DEFAULT v1; X.690 §11.5: a default is not encoded. */
function readVersion(fields: DerReader): number {
  const wrapper = fields.enterOptional(contextConstructed(0));
  if (wrapper === undefined) return 1;
  const version = wrapper.smallInteger() + 1;
  wrapper.finish();
  if (version === 1) throw new DerError('default version must not be encoded');
  if (version > 3) throw new DerError('undefined certificate version');
  return version;
}

function skipUniqueIdentifiers(fields: DerReader): boolean {
  const issuerHasOne = skipUniqueIdentifier(fields, contextPrimitive(1));
  return skipUniqueIdentifier(fields, contextPrimitive(2)) || issuerHasOne;
}

/** IMPLICIT BIT STRING: a count of unused bits, then the bits. */
function skipUniqueIdentifier(fields: DerReader, identifier: number): boolean {
  if (fields.peek() !== identifier) return false;
  const content = fields.content(identifier);
  if (content.length === 0 || content[0]! > (content.length === 1 ? 0 : 7)) {
    throw new DerError('unique identifier is not a BIT STRING');
  }
  return true;
}
