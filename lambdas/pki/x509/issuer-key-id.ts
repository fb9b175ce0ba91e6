import { createHash } from 'node:crypto';

/** The issuer key id everywhere: SHA-256 of a SubjectPublicKeyInfo's DER, lower-case hex. */
export const issuerKeyId = (spki: Uint8Array): string =>
  createHash('sha256').update(spki).digest('hex');

const known = new WeakMap<object, string>();

/** The id of the key that a certificate certifies, computed once for each certificate object. */
export function issuerKeyIdOf(authority: { readonly spki: Uint8Array }): string {
  const id = known.get(authority) ?? issuerKeyId(authority.spki);
  known.set(authority, id);
  return id;
}
