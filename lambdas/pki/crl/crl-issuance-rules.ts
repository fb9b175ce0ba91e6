import { type Crl, entriesOf } from '../x509/crl.ts';
import { toHex } from '../x509/octets.ts';

const crlNumber = '2.5.29.20';
const deltaCrlIndicator = '2.5.29.27';
const issuingDistributionPoint = '2.5.29.28';
const authorityKeyIdentifier = '2.5.29.35';

/**
 * Requirements of RFC 5280 §5 on CRL issuers that CRL validation (§6.3.3) does not check: version 2
 * (§5.1.2.1), CRLNumber and authority key identifier present and not critical (§5.2.1, §5.2.3), delta
 * CRL indicator and IDP critical (§5.2.4, §5.2.5), and unique serial numbers on a direct CRL.
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
