import { createHmac } from 'node:crypto';
import type { CertificateReference } from './certificate-reference.ts';
import { lengthPrefixed } from './length-prefixed.ts';

/**
 * Under which a certificate is filed: HMAC-SHA-256, lower-case hex. Serials are a counter of 27 bits
 * or so, hence the key: without it a stolen table tells nobody's serial.
 */
export function certificateIndex(indexKey: Uint8Array, reference: CertificateReference): string {
  return createHmac('sha256', indexKey)
    .update(lengthPrefixed(Buffer.from(reference.issuerKeyId, 'hex'), reference.serial))
    .digest('hex');
}
