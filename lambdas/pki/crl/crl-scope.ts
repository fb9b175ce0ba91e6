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

/** One place where a certificate may be listed, with everything that a list is matched against. */
export interface ListPlace {
  /** Who may sign a list for this place. */
  readonly listIssuers: readonly DistinguishedName[];
  /** The place is served by an indirect list (cRLIssuer stands in the certificate). */
  readonly indirect: boolean;
  /** Comparable texts of the names that a list's IDP may carry. */
  readonly names: ReadonlySet<string>;
  /** ReasonFlags that this place answers for. */
  readonly reasons: number;
}

/**
 * The certificate's distribution points in order, and behind them the one that RFC 5280 §6.3.3 assumes:
 * "a DP with both the reasons and the cRLIssuer fields omitted and a distribution point name of the
 * certificate issuer". Throws `DerError` when an extension is malformed.
 */
export function placesOf(certificate: Certificate): readonly ListPlace[] {
  const points = distributionPointsOf(certificate);
  if (!points) return [impliedPlace(certificate, namesOfIssuer(certificate))];
  // §5.2.5: a partition bears a name of the points of every certificate in it, so what bears another
  // name is another partition.
  return [
    ...points.map((point) => placeOf(point, certificate)),
    impliedPlace(certificate, new Set()),
  ];
}

/** RFC 5280 §6.3.3 (b): does this list, whoever signed it, speak for the certificate at this place? */
export function listCovers(list: Crl, place: ListPlace, certificate: Certificate): boolean {
  const point = list.extensions.issuingDistributionPoint;
  if (!place.listIssuers.some((name) => sameName(name, list.issuer))) return false;
  // (b)(1): where the certificate names a CRL issuer, the list says that it is indirect.
  if (place.indirect && !point?.indirectCrl) return false;
  if (!point) return true;
  if (point.name && !shareName(namesOfList(list, point.name), place.names)) return false;
  // §5.2.5: the scope of a list with one of these flags "MUST NOT include any version 1 or version 2
  // certificates": they cannot say which of the two they are.
  if ((point.onlyUserCertificates || point.onlyCaCertificates) && certificate.version < 3)
    return false;
  const isCa = basicConstraintsOf(certificate)?.isCa ?? false;
  if (point.onlyUserCertificates && isCa) return false;
  if (point.onlyCaCertificates && !isCa) return false;
  return !point.onlyAttributeCertificates;
}

/** ReasonFlags that the list proves for this place: §6.3.3 (d). */
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
  // RFC 5280 §4.2.1.13: a relative name needs exactly one CRL issuer to be relative to.
  const base = listIssuers.length === 1 ? listIssuers[0] : undefined;
  return {
    listIssuers,
    indirect: true,
    // §6.3.3 (b)(2)(i): without a name of its own, the point is known by its cRLIssuer.
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

/** Once for each list: it is asked about at every place of every certificate. */
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

/** Texts are equal exactly when the names are: a directoryName by RFC 5280 §7.1, the rest by octets. */
function comparableName(name: GeneralName): string {
  if (name.form === 'directoryName') return comparableDirectoryName(name.name.relativeNames);
  if ('text' in name) return `${name.form}:${name.text}`;
  return `${name.form}:${toHex('octets' in name ? name.octets : name.der)}`;
}

const comparableDirectoryName = (relativeNames: readonly string[]): string =>
  `directoryName:${relativeNames.join('/')}`;

const shareName = (names: readonly string[], others: ReadonlySet<string>): boolean =>
  names.some((name) => others.has(name));
