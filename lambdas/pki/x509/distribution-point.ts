import { engineLimits } from '../limits.ts';
import {
  contextConstructed,
  contextPrimitive,
  DerError,
  type DerReader,
  enterWhole,
  tag,
} from './der.ts';
import type { Certificate } from './certificate.ts';
import { decodeExtension, extensionId } from './extensions.ts';
import { decodeGeneralNames, type GeneralName } from './general-name.ts';
import { canonicalRelativeName } from './name.ts';

/**
 * DistributionPointName (RFC 5280 §4.2.1.13). `der` is the CHOICE itself, `A0…` or `A1…`: the content of
 * the `[0]` tag in DistributionPoint and IssuingDistributionPoint.
 */
export type DistributionPointName =
  | { readonly form: 'fullName'; readonly names: readonly GeneralName[]; readonly der: Uint8Array }
  /** `rdn` is the content of the RelativeDistinguishedName: one or more AttributeTypeAndValue, DER. */
  | { readonly form: 'relative'; readonly rdn: Uint8Array; readonly der: Uint8Array };

export interface DistributionPoint {
  readonly name: DistributionPointName | undefined;
  /** ReasonFlags, bit n set for reason n; undefined means all reasons. */
  readonly reasons: number | undefined;
  /** Undefined means that the certificate's issuer is the CRL issuer. */
  readonly crlIssuer: readonly GeneralName[] | undefined;
}

/** ReasonFlags (RFC 5280 §4.2.1.13): every reason, bits 1 (keyCompromise) to 8 (aACompromise). */
export const allReasons = 0b1_1111_1110;

/** cRLDistributionPoints of a certificate; undefined when absent. Throws `DerError`. */
export const distributionPointsOf = (
  certificate: Certificate,
): readonly DistributionPoint[] | undefined =>
  decodeExtension(certificate, extensionId.crlDistributionPoints, decodeDistributionPoints);

/** Value of the cRLDistributionPoints and freshestCRL extensions. Throws `DerError`. */
export function decodeDistributionPoints(value: Uint8Array): readonly DistributionPoint[] {
  const sequence = enterWhole(value);
  const points: DistributionPoint[] = [];
  while (!sequence.atEnd) {
    if (points.length === engineLimits.distributionPoints)
      throw new DerError('too many distribution points');
    const point = sequence.enter(tag.sequence);
    const name = point.enterOptional(contextConstructed(0));
    const decodedName = name && readDistributionPointName(name);
    const reasons =
      point.peek() === contextPrimitive(1) ? point.namedBits(contextPrimitive(1)).bits : undefined;
    const issuer = point.enterOptional(contextConstructed(2));
    const crlIssuer = issuer && decodeGeneralNames(issuer);
    point.finish();
    // RFC 5280 §4.2.1.13: a DistributionPoint MUST NOT consist of only the reasons field.
    if (!decodedName && !crlIssuer)
      throw new DerError('distribution point without name and cRLIssuer');
    points.push({ name: decodedName, reasons, crlIssuer });
  }
  if (points.length === 0) throw new DerError('empty cRLDistributionPoints');
  return points;
}

/** Reads the CHOICE inside the `[0]` tag, to the end of its content. */
export function readDistributionPointName(wrapper: DerReader): DistributionPointName {
  const full = wrapper.peek() === contextConstructed(0);
  const der = wrapper.element(contextConstructed(full ? 0 : 1));
  wrapper.finish();
  const content = enterWhole(der, der[0]);
  if (full) return { form: 'fullName', names: decodeGeneralNames(content), der };
  const rdn = content.bytes.subarray(content.offset, content.end);
  canonicalRelativeName(content);
  return { form: 'relative', rdn, der };
}
