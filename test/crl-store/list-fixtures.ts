import { createHash } from 'node:crypto';
import type { AcceptanceRules } from '../../lambdas/crl-store/ingest/accept-crl.ts';
import type { CrlSource, TrustAnchor } from '../../lambdas/pki/trust-profile.ts';
import { parseCertificate } from '../../lambdas/pki/x509/certificate.ts';
import { buildCaCertificate, buildName } from '../../sandbox/pki/build-certificate.ts';
import {
  buildCrl,
  crlExtensions,
  directoryPoint,
  type CrlEntryTemplate,
  type CrlTemplate,
} from '../../sandbox/pki/build-crl.ts';
import { generateSigner, spkiOf, type Signer } from '../../sandbox/pki/signing.ts';

/** Noon; the times of all fixtures are relative to it. */
export const now = Date.UTC(2026, 10, 22, 12);
export const hour = 3_600_000;
export const day = 24 * hour;

export interface Authority {
  readonly anchor: TrustAnchor;
  readonly signer: Signer;
  readonly name: Buffer;
}

export function createAuthority(id: string, serial = 1): Authority {
  const signer = generateSigner('P-256');
  const name = buildName(
    ['C', 'JP'],
    ['O', 'JPKI-SANDBOX'],
    ['OU', 'JPKI for user authentication'],
  );
  const certificate = buildCaCertificate({
    serial,
    subject: name,
    notBefore: new Date(now - 365 * day),
    notAfter: new Date(now + 3650 * day),
    signer,
  });
  return {
    anchor: { id, kind: 'user-authentication', certificate: parseCertificate(certificate) },
    signer,
    name,
  };
}

export const issuerKeyIdFor = ({ signer }: Authority): string =>
  createHash('sha256').update(spkiOf(signer)).digest('hex');

export const rulesFor = (...authorities: readonly Authority[]): AcceptanceRules => ({
  anchors: authorities.map(({ anchor }) => anchor),
  algorithms: {
    minimumRsaBits: 2048,
    curves: ['P-256', 'P-384'],
    hashes: ['SHA-256', 'SHA-384', 'SHA-512'],
  },
  clockSkewMs: 60_000,
  crlMaxAgeMs: 2 * day,
});

export const fullSource = ({ anchor }: Authority): CrlSource => ({
  id: `${anchor.id}/full`,
  anchorId: anchor.id,
  url: `http://127.0.0.1:9/${anchor.id}.crl`,
});

/** The source of a municipality's CRL, with its distribution point. */
export function municipalSource({ anchor }: Authority, code: string): CrlSource {
  const name = buildName(['C', 'JP'], ['O', 'JPKI-SANDBOX'], ['OU', 'CRL'], ['OU', code]);
  return {
    id: `${anchor.id}/${code}`,
    anchorId: anchor.id,
    url: `http://127.0.0.1:9/${anchor.id}/${code}.crl`,
    distributionPoint: directoryPoint(name),
  };
}

export interface ListOptions extends Partial<CrlTemplate> {
  readonly crlNumber?: number | bigint | undefined;
  readonly deltaBase?: number;
  readonly source?: CrlSource;
  readonly more?: readonly Uint8Array[];
  readonly signedBy?: Signer;
}

/** A CRL that is accepted with the default options. */
export function buildList(authority: Authority, options: ListOptions = {}): Buffer {
  const number = 'crlNumber' in options ? options.crlNumber : 10;
  return buildCrl(
    {
      issuer: authority.name,
      thisUpdate: new Date(now - hour),
      nextUpdate: new Date(now + day),
      entries: someEntries(3),
      extensions: [
        crlExtensions.authorityKeyIdentifier(spkiOf(authority.signer)),
        ...(number === undefined ? [] : [crlExtensions.crlNumber(number)]),
        ...(options.deltaBase === undefined
          ? []
          : [crlExtensions.deltaCrlIndicator(options.deltaBase)]),
        ...(options.source?.distributionPoint
          ? [
              crlExtensions.issuingDistributionPoint({
                distributionPoint: options.source.distributionPoint,
              }),
            ]
          : []),
        ...(options.more ?? []),
      ],
      ...options,
    },
    options.signedBy ?? authority.signer,
  );
}

const reasons = [undefined, 1, 3, 4, 5, 6, 0];

/** Entries with the serial numbers `first`, `first` + 2, …; those between are good. */
export const someEntries = (count: number, first = 0x0100_0000): readonly CrlEntryTemplate[] =>
  Array.from({ length: count }, (_, n) => {
    const reason = reasons[n % reasons.length];
    return {
      serial: first + 2 * n,
      revokedAt: new Date(now - day - (n % 1000) * 60_000),
      ...(reason !== undefined && { reason }),
    };
  });

/** The octets in chunks of one size. */
export async function* inChunks(bytes: Uint8Array, size = 65_536): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
