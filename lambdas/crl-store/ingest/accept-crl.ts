import { MyKeyError, type ErrorCode } from '../../errors.ts';
import { scopeOfDistributionPoint } from '../../pki/revocation/stored-lists.ts';
import type { CrlSource, TrustAnchor, TrustProfile } from '../../pki/trust-profile.ts';
import type { AlgorithmIdentifier } from '../../pki/x509/algorithm-identifier.ts';
import type { CrlHeader, IssuingDistributionPoint } from '../../pki/x509/crl.ts';
import type { ScannedCrl } from '../../pki/x509/crl-stream.ts';
import { allowsKeyUsage } from '../../pki/x509/extensions.ts';
import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
import { sameName } from '../../pki/x509/name.ts';
import { sameBytes } from '../../pki/x509/octets.ts';
import type { SubjectPublicKey } from '../../pki/x509/public-key.ts';
import { openSignature, type StreamedSignature } from '../../pki/x509/streamed-signature.ts';
import { freshnessRefusal } from '../../pki/crl/crl-signer.ts';
import type { ListScope } from '../lookup/stored-lists.ts';

/** A CRL of one of the trust profile's sources, verified with that source's trust anchor. */
export interface AcceptedCrl extends ListScope {
  readonly source: CrlSource;
  readonly crlNumber: bigint;
  /** BaseCRLNumber; present if and only if this is a delta CRL. */
  readonly deltaBase: bigint | undefined;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly onlyUserCertificates: boolean;
}

export type AcceptanceRules = Pick<
  TrustProfile,
  'anchors' | 'algorithms' | 'clockSkewMs' | 'crlMaxAgeMs'
>;

/**
 * Checks the header, before hundreds of megabytes are read. Returns the sources whose trust anchor has the
 * CRL issuer's name. Throws `crl-issuer-untrusted`, `crl-not-yet-valid`, `crl-stale`, `crl-malformed`.
 */
export function acceptHeader(
  header: CrlHeader,
  sources: readonly CrlSource[],
  rules: AcceptanceRules,
  now: number,
): readonly CrlSource[] {
  const named = sources.filter((source) =>
    sameName(header.issuer, anchorOf(source, rules).certificate.subject),
  );
  if (named.length === 0)
    throw refused('crl-issuer-untrusted', 'the CRL issuer is not that of the source');
  // RFC 5280 §5.1.2.5: conforming issuers MUST include nextUpdate.
  if (header.nextUpdate === undefined) throw refused('crl-malformed', 'the CRL has no nextUpdate');
  const limits = { now, clockSkewMs: rules.clockSkewMs, maximumAgeMs: rules.crlMaxAgeMs };
  const refusal = freshnessRefusal(header, limits);
  if (refusal === 'crl-not-yet-valid') {
    throw refused('crl-not-yet-valid', 'thisUpdate lies in the future');
  }
  if (refusal !== undefined)
    throw refused('crl-stale', 'the CRL is past nextUpdate or the maximum age');
  return named;
}

/**
 * Checks a CRL after it was read to the end. `sources` is the result of `acceptHeader`. Throws
 * `crl-issuer-untrusted`, `crl-signature-invalid`, `crl-scope-wrong`, `crl-extension-unsupported`,
 * `crl-malformed`.
 */
export function acceptCrl(
  list: ScannedCrl,
  signatures: SignaturesByKey,
  sources: readonly CrlSource[],
  rules: AcceptanceRules,
): AcceptedCrl {
  const { extensions, header } = list;
  if (extensions.unknownCritical.length > 0) {
    throw refused('crl-extension-unsupported', 'unknown critical extension');
  }
  checkScopeFlags(extensions.issuingDistributionPoint);
  const signer = signerOf(list, signatures);
  const ofKey = sources.filter(
    (source) => issuerKeyIdOf(anchorOf(source, rules).certificate) === signer,
  );
  const source = ofKey.find((candidate) => isScopeOf(candidate, list));
  if (!source) throw refused('crl-scope-wrong', 'the distribution point is not that of the source');
  const anchor = anchorOf(source, rules);
  if (!allowsKeyUsage(anchor.certificate, 'cRLSign')) {
    throw refused('crl-issuer-untrusted', 'the trust anchor has keyUsage without cRLSign');
  }
  // RFC 5280 §5.2.3: CRL issuers MUST include CRLNumber, which is needed to recognise an older CRL.
  if (extensions.crlNumber === undefined)
    throw refused('crl-malformed', 'the CRL has no CRLNumber');
  // RFC 5280 §5.3.1: removeFromCRL may appear only in delta CRLs.
  if (list.removals > 0 && extensions.deltaBase === undefined) {
    throw refused('crl-malformed', 'removeFromCRL on a complete CRL');
  }
  return {
    source,
    issuerKeyId: issuerKeyIdOf(anchor.certificate),
    scope: scopeOf(source),
    crlNumber: extensions.crlNumber,
    deltaBase: extensions.deltaBase,
    thisUpdate: header.thisUpdate,
    nextUpdate: header.nextUpdate!,
    onlyUserCertificates: extensions.issuingDistributionPoint?.onlyUserCertificates ?? false,
  };
}

/** `full`, or the hash of the source's distribution point. */
export const scopeOf = (source: CrlSource): string =>
  source.distributionPoint ? scopeOfDistributionPoint(source.distributionPoint) : 'full';

export function anchorOf(source: CrlSource, rules: Pick<TrustProfile, 'anchors'>): TrustAnchor {
  const anchor = rules.anchors.find(({ id }) => id === source.anchorId);
  if (!anchor) throw new MyKeyError('internal-error', `source ${source.id} names no anchor`);
  return anchor;
}

/** RFC 5280 §5.2.5: refuses a CRL that excludes user certificates or reasons from its scope. */
function checkScopeFlags(point: IssuingDistributionPoint | undefined): void {
  if (!point) return;
  if (point.indirectCrl) {
    throw refused('crl-extension-unsupported', 'indirect CRLs are not supported');
  }
  if (point.onlyCaCertificates || point.onlyAttributeCertificates) {
    throw refused('crl-scope-wrong', 'the CRL excludes user certificates');
  }
  if (point.onlySomeReasons !== undefined) {
    throw refused('crl-scope-wrong', 'the CRL has onlySomeReasons');
  }
}

/** One streamed signature for each possible issuer key, by issuer key id. */
export type SignaturesByKey = ReadonlyMap<
  string,
  { readonly key: SubjectPublicKey; readonly signature: StreamedSignature }
>;

/** Opens one signature for each anchor key of the sources; generations of a CA share one name. */
export function openSignatures(
  algorithm: AlgorithmIdentifier,
  sources: readonly CrlSource[],
  rules: AcceptanceRules,
): SignaturesByKey {
  const signatures = new Map<string, { key: SubjectPublicKey; signature: StreamedSignature }>();
  for (const source of sources) {
    const key = anchorOf(source, rules).certificate;
    const issuerKeyId = issuerKeyIdOf(key);
    if (signatures.has(issuerKeyId)) continue;
    const signature = openSignature(algorithm, rules.algorithms);
    if (typeof signature === 'string') {
      throw refused('crl-signature-invalid', 'signature algorithm not acceptable');
    }
    signatures.set(issuerKeyId, { key, signature });
  }
  return signatures;
}

/**
 * The id of the issuer key that signed the CRL. Only the signature decides, because an authority key
 * identifier (RFC 5280 §5.2.1) may be derived differently or identify an older certificate of the key.
 */
function signerOf(list: ScannedCrl, signatures: SignaturesByKey): string {
  let refusal = '';
  for (const [issuerKeyId, { key, signature }] of signatures) {
    const outcome = signature.verify(list.signature, key);
    if (outcome === 'ok') return issuerKeyId;
    refusal ||= outcome;
  }
  throw refused('crl-signature-invalid', `signature refused: ${refusal}`);
}

function isScopeOf(source: CrlSource, list: ScannedCrl): boolean {
  const listed = list.extensions.issuingDistributionPoint?.name?.der;
  if (!source.distributionPoint || !listed) return !source.distributionPoint && !listed;
  return sameBytes(listed, source.distributionPoint);
}

const refused = (code: ErrorCode, message: string): MyKeyError => new MyKeyError(code, message);
