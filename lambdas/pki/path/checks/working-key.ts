import type { SubjectPublicKey } from '../../x509/public-key.ts';
import type { PathCheck } from '../path-check.ts';

/** Sets working_issuer_name and working_public_key; DSA parameters may be inherited. */
export const workingKey: PathCheck = {
  id: 'working-key',
  clause: 'RFC 5280 §6.1.4 (c)–(f), §6.1.5 (c)–(e)',
  scope: 'path',
  check({ certificate, state }) {
    state.workingIssuerName = certificate.subject;
    state.workingKey = withInheritedParameters(certificate, state.workingKey);
    state.keys.push(state.workingKey);
    return undefined;
  },
};

const dsa = '1.2.840.10040.4.1';

/** A DSA key without parameters, which inherits those of its issuer's key (RFC 3279 §2.3.2). */
export const lacksParameters = ({ keyAlgorithm }: SubjectPublicKey): boolean =>
  keyAlgorithm.algorithm === dsa && keyAlgorithm.parameters === undefined;

function withInheritedParameters(
  key: SubjectPublicKey,
  issuer: SubjectPublicKey,
): SubjectPublicKey {
  if (!lacksParameters(key) || issuer.keyAlgorithm.algorithm !== dsa) return key;
  const { keyAlgorithm } = issuer;
  const bits = Buffer.from([0, ...key.keyBits]);
  const body = Buffer.concat([keyAlgorithm.der, header(0x03, bits.length), bits]);
  return {
    spki: Buffer.concat([header(0x30, body.length), body]),
    keyAlgorithm,
    keyBits: key.keyBits,
  };
}

/** A DER header; keys are shorter than 64 KiB. */
function header(identifier: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(identifier, length);
  if (length < 0x100) return Uint8Array.of(identifier, 0x81, length);
  return Uint8Array.of(identifier, 0x82, length >> 8, length & 0xff);
}
