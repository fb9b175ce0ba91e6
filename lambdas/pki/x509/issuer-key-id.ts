import { createHash } from 'node:crypto';

/** The issuer key id: SHA-256 of the SubjectPublicKeyInfo's DER, lower-case hex. */
export const issuerKeyId = (spki: Uint8Array): string =>
  createHash('sha256').update(spki).digest('hex');

const known = new WeakMap<object, string>();

/** The issuer key id of a CA certificate's own key, cached for each certificate object. */
export function issuerKeyIdOf(authority: { readonly spki: Uint8Array }): string {
  const found = known.get(authority);
  if (found !== undefined) return found;
  const id = issuerKeyId(authority.spki);
  known.set(authority, id);
  return id;
}
