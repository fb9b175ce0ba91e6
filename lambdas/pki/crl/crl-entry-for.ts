import type { Certificate } from '../x509/certificate.ts';
import { type Crl, type CrlEntry, entriesOf, entriesWithSerial } from '../x509/crl.ts';
import { type DistinguishedName, sameName } from '../x509/name.ts';
import { sameBytes } from '../x509/octets.ts';

/**
 * The CRL entry of the certificate (RFC 5280 §6.3.3 (i), (j)); undefined when there is none. On an
 * indirect CRL, an entry without certificateIssuer has that of the preceding entry; the first one
 * defaults to the CRL issuer (§5.3.3). If a serial occurs twice, a revocation outweighs removeFromCRL.
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
