import {
  context,
  contextPrimitive,
  enumerated,
  generalizedTime,
  integer,
  sequence,
  time,
} from './der-writer.ts';
import { extension, keyIdentifier, signed } from './build-certificate.ts';
import { algorithmOf, type Signer } from './signing.ts';

export interface CrlEntryTemplate {
  readonly serial: number | bigint | Uint8Array;
  readonly revokedAt: Date;
  /** CRLReason number; no extension when undefined. */
  readonly reason?: number;
  readonly extensions?: readonly Uint8Array[];
}

export interface CrlTemplate {
  /** Name, DER. */
  readonly issuer: Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
  readonly entries?: readonly CrlEntryTemplate[];
  /** Further entries as concatenated DER; they follow `entries`. */
  readonly entriesDer?: Uint8Array;
  readonly extensions?: readonly Uint8Array[];
  /** 2 by default; version 1 has no extensions. */
  readonly version?: 1 | 2;
}

export interface IssuingDistributionPoint {
  /** DistributionPointName, DER with its own `[0]` or `[1]` tag inside; wrapped in `[0]` here. */
  readonly distributionPoint?: Uint8Array;
  readonly onlyUserCertificates?: boolean;
  readonly onlyCaCertificates?: boolean;
  readonly onlySomeReasons?: Uint8Array;
  readonly indirectCrl?: boolean;
  readonly onlyAttributeCertificates?: boolean;
}

/** DistributionPointName with one directoryName: `fullName [0] { directoryName [4] Name }`. */
export const directoryPoint = (name: Uint8Array): Buffer => context(0, context(4, name));

const flag = (n: number, set: boolean | undefined): Buffer[] =>
  set ? [contextPrimitive(n, Uint8Array.of(0xff))] : [];

/** The extensions that lists here carry, DER. */
export const crlExtensions = {
  crlNumber: (number: number | bigint): Buffer => extension('2.5.29.20', integer(number)),
  deltaCrlIndicator: (base: number | bigint): Buffer => extension('2.5.29.27', integer(base), true),
  authorityKeyIdentifier: (issuerSpki: Uint8Array): Buffer =>
    extension('2.5.29.35', sequence(contextPrimitive(0, keyIdentifier(issuerSpki)))),
  issuingDistributionPoint: (point: IssuingDistributionPoint): Buffer =>
    extension(
      '2.5.29.28',
      sequence(
        ...(point.distributionPoint ? [context(0, point.distributionPoint)] : []),
        ...flag(1, point.onlyUserCertificates),
        ...flag(2, point.onlyCaCertificates),
        ...(point.onlySomeReasons ? [contextPrimitive(3, point.onlySomeReasons)] : []),
        ...flag(4, point.indirectCrl),
        ...flag(5, point.onlyAttributeCertificates),
      ),
      true,
    ),
};

export const crlEntryExtensions = {
  reason: (reason: number): Buffer => extension('2.5.29.21', enumerated(reason)),
  invalidityDate: (at: Date): Buffer => extension('2.5.29.24', generalizedTime(at)),
  /** GeneralNames with one directoryName (RFC 5280 §5.3.3). */
  certificateIssuer: (name: Uint8Array): Buffer =>
    extension('2.5.29.29', sequence(context(4, name)), true),
};

function entry(template: CrlEntryTemplate): Buffer {
  const extensions = [
    ...(template.reason === undefined ? [] : [crlEntryExtensions.reason(template.reason)]),
    ...(template.extensions ?? []),
  ];
  return sequence(
    integer(template.serial),
    time(template.revokedAt),
    ...(extensions.length ? [sequence(...extensions)] : []),
  );
}

/** A CRL, DER. */
export function buildCrl(template: CrlTemplate, issuer: Signer): Buffer {
  const version = template.version ?? 2;
  const tbs = sequence(
    ...(version === 2 ? [integer(1)] : []),
    algorithmOf(issuer.scheme),
    template.issuer,
    time(template.thisUpdate),
    ...(template.nextUpdate ? [time(template.nextUpdate)] : []),
    // RFC 5280 §5.1.2.6: absent, not empty, when nothing is revoked.
    ...(template.entries?.length || template.entriesDer?.length
      ? [
          sequence(
            Buffer.concat((template.entries ?? []).map(entry)),
            ...(template.entriesDer ? [template.entriesDer] : []),
          ),
        ]
      : []),
    ...(template.extensions?.length ? [context(0, sequence(...template.extensions))] : []),
  );
  return signed(tbs, issuer);
}
