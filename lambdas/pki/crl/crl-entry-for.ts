import type { Certificate } from '../x509/certificate.ts';
import { type Crl, type CrlEntry, entriesOf, entriesWithSerial } from '../x509/crl.ts';
import { type DistinguishedName, sameName } from '../x509/name.ts';
import { sameBytes } from '../x509/octets.ts';

/**
 * The entry that names the certificate (RFC 5280 §6.3.3 (i) and (j)); undefined when none does. On an
 * indirect list an entry belongs to the issuer last named before it, at first the list's own (§5.3.3).
 * Where a serial stands twice, a revocation is preferred to removeFromCRL.
 */
export function entryFor(list: Crl, certificate: Certificate): CrlEntry | undefined {
  let issuers: readonly DistinguishedName[] = [list.issuer];
  let removal: CrlEntry | undefined;
  const entries = list.namesCertificateIssuers
    ? entriesOf(list)
    : entriesWithSerial(list, certificate.serial);
  for (const entry of entries) {
    if (entry.certificateIssuer) issuers = entry.certificateIssuer;
    if (!sameBytes(entry.serial, certificate.serial)) continue;
    if (!issuers.some((name) => sameName(name, certificate.issuer))) continue;
    if (entry.reason !== 'removeFromCRL') return entry;
    removal ??= entry;
  }
  return removal;
}
