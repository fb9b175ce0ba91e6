import { enterWhole } from '../../../pki/x509/der.ts';

/**
 * Converts KMS's DER encoding of an ECDSA signature (RFC 3279 §2.2.3) to the JWS form r ‖ s, each
 * of the curve's length (RFC 7518 §3.4).
 */
export function concatenatedSignature(der: Uint8Array, length: number): Uint8Array {
  const sequence = enterWhole(der);
  const signature = new Uint8Array(length * 2);
  for (const end of [length, length * 2]) {
    const octets = sequence.integerBytes();
    const magnitude = octets[0] === 0 ? octets.subarray(1) : octets;
    signature.set(magnitude, end - magnitude.length);
  }
  sequence.finish();
  return signature;
}
