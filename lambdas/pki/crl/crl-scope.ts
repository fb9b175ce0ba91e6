import type { Certificate } from '../x509/certificate.ts';
import type { Crl } from '../x509/crl.ts';
import { DerReader } from '../x509/der.ts';
import {
  allReasons,
  distributionPointsOf,
  type DistributionPoint,
  type DistributionPointName,
} from '../x509/distribution-point.ts';
import { basicConstraintsOf } from '../x509/extensions.ts';
import { type GeneralName, issuerAltNamesOf } from '../x509/general-name.ts';
import { canonicalRelativeName, type DistinguishedName, sameName } from '../x509/name.ts';
import { toHex } from '../x509/octets.ts';

/** One distribution point of a certificate, with the fields that a CRL's scope is compared with. */
export interface ListPlace {
  /** Names that the CRL's issuer field may have. */
  readonly listIssuers: readonly DistinguishedName[];
  /** The distribution point has a cRLIssuer, so its CRL is indirect. */
  readonly indirect: boolean;
  /** Names that may occur in the CRL's IDP, as comparable texts. */
  readonly names: ReadonlySet<string>;
  /** ReasonFlags of the distribution point; all when it has none. */
  readonly reasons: number;
}

/**
 * The certificate's distribution points in order, followed by the one that RFC 5280 §6.3.3 assumes: "a DP
 * with both the reasons and the cRLIssuer fields omitted and a distribution point name of the certificate
 * issuer". Throws `DerError` when an extension is malformed.
 */
export function placesOf(certificate: Certificate): readonly ListPlace[] {
  const points = distributionPointsOf(certificate);
  if (!points) return [impliedPlace(certificate, namesOfIssuer(certificate))];
  // §5.2.5: the IDP of a partitioned CRL has a name of the distribution points of each certificate in its
  // scope. The implied distribution point therefore gets no name here.
  return [
    ...points.map((point) => placeOf(point, certificate)),
    impliedPlace(certificate, new Set()),
  ];
}

/** RFC 5280 §6.3.3 (b): is the certificate in the scope of this CRL for this distribution point? */
export function listCovers(list: Crl, place: ListPlace, certificate: Certificate): boolean {
  const point = list.extensions.issuingDistributionPoint;
  if (!place.listIssuers.some((name) => sameName(name, list.issuer))) return false;
  // (b)(1): if the distribution point has a cRLIssuer, the IDP must have indirectCRL.
  if (place.indirect && !point?.indirectCrl) return false;
  if (!point) return true;
  if (point.name && !shareName(namesOfList(list, point.name), place.names)) return false;
  // §5.2.5: the scope of a CRL with one of these flags "MUST NOT include any version 1 or version 2
  // certificates", which have no basicConstraints.
  if ((point.onlyUserCertificates || point.onlyCaCertificates) && certificate.version < 3)
    return false;
  const isCa = basicConstraintsOf(certificate)?.isCa ?? false;
  if (point.onlyUserCertificates && isCa) return false;
  if (point.onlyCaCertificates && !isCa) return false;
  return !point.onlyAttributeCertificates;
}

/** interim_reasons_mask of RFC 5280 §6.3.3 (d). */
export const reasonsProved = (list: Crl, place: ListPlace): number =>
  (list.extensions.issuingDistributionPoint?.onlySomeReasons ?? allReasons) &
  place.reasons &
  allReasons;

function placeOf(point: DistributionPoint, certificate: Certificate): ListPlace {
  const reasons = point.reasons ?? allReasons;
  if (!point.crlIssuer) {
    return {
      listIssuers: [certificate.issuer],
      indirect: false,
      names: new Set(point.name && namesOf(point.name, certificate.issuer)),
      reasons,
    };
  }
  const listIssuers = point.crlIssuer.flatMap((name) =>
    name.form === 'directoryName' ? [name.name] : [],
  );
  // RFC 5280 §4.2.1.13: nameRelativeToCRLIssuer requires exactly one cRLIssuer name.
  const base = listIssuers.length === 1 ? listIssuers[0] : undefined;
  return {
    listIssuers,
    indirect: true,
    // §6.3.3 (b)(2)(i): without a distributionPoint name, the cRLIssuer names are compared.
    names: new Set(point.name ? namesOf(point.name, base) : point.crlIssuer.map(comparableName)),
    reasons,
  };
}

const impliedPlace = (certificate: Certificate, names: ReadonlySet<string>): ListPlace => ({
  listIssuers: [certificate.issuer],
  indirect: false,
  names,
  reasons: allReasons,
});

/** §6.3.3: "generated from the certificate issuer field as well as the certificate issuerAltName". */
const namesOfIssuer = (certificate: Certificate): ReadonlySet<string> =>
  new Set([
    comparableDirectoryName(certificate.issuer.relativeNames),
    ...(issuerAltNamesOf(certificate) ?? []).map(comparableName),
  ]);

const namesByList = new WeakMap<Crl, readonly string[]>();

/** Computed once for each CRL; it is compared with every distribution point of every certificate. */
function namesOfList(list: Crl, name: DistributionPointName): readonly string[] {
  const names = namesByList.get(list) ?? namesOf(name, list.issuer);
  namesByList.set(list, names);
  return names;
}

function namesOf(name: DistributionPointName, base: DistinguishedName | undefined): string[] {
  if (name.form === 'fullName') return name.names.map(comparableName);
  if (!base) return [];
  const relative = canonicalRelativeName(new DerReader(name.rdn));
  return [comparableDirectoryName([...base.relativeNames, relative])];
}

/** Two texts are equal if and only if the names are: directoryName by RFC 5280 §7.1, other forms by octets. */
function comparableName(name: GeneralName): string {
  if (name.form === 'directoryName') return comparableDirectoryName(name.name.relativeNames);
  if ('text' in name) return `${name.form}:${name.text}`;
  return `${name.form}:${toHex('octets' in name ? name.octets : name.der)}`;
}

const comparableDirectoryName = (relativeNames: readonly string[]): string =>
  `directoryName:${relativeNames.join('/')}`;

const shareName = (names: readonly string[], others: ReadonlySet<string>): boolean =>
  names.some((name) => others.has(name));
