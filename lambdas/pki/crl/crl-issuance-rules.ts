import { type Crl, entriesOf } from '../x509/crl.ts';
import { toHex } from '../x509/octets.ts';

const crlNumber = '2.5.29.20';
const deltaCrlIndicator = '2.5.29.27';
const issuingDistributionPoint = '2.5.29.28';
const authorityKeyIdentifier = '2.5.29.35';

/**
 * What RFC 5280 §5 asks of those who issue lists, where §6.3.3 does not ask those who read them:
 * version 2 (§5.1.2.1), CRLNumber and authority key identifier there and not critical (§5.2.1, §5.2.3),
 * the restricting extensions critical (§5.2.4, §5.2.5), and no serial twice under one issuer.
 */
export function keepsCrlIssuanceRules(list: Crl): boolean {
  const { extensions } = list;
  const isCritical = (id: string): boolean => extensions.critical.includes(id);
  return (
    list.version === 2 &&
    extensions.crlNumber !== undefined &&
    extensions.authorityKeyIdentifier?.keyIdentifier !== undefined &&
    !isCritical(crlNumber) &&
    !isCritical(authorityKeyIdentifier) &&
    (!extensions.issuingDistributionPoint || isCritical(issuingDistributionPoint)) &&
    (extensions.deltaBase === undefined || isCritical(deltaCrlIndicator)) &&
    (list.namesCertificateIssuers || hasNoSerialTwice(list))
  );
}

function hasNoSerialTwice(list: Crl): boolean {
  const serials = new Set<string>();
  for (const { serial } of entriesOf(list)) serials.add(toHex(serial));
  return serials.size === list.entryCount;
}
