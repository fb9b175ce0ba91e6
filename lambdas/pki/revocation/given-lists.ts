import {
  type GivenLists,
  ListSignatures,
  type NamedCrl,
  searchLists,
} from '../crl/search-lists.ts';
import { pathWithKeys } from '../path/path-with-keys.ts';
import { validatePath } from '../path/validate-path.ts';
import type { Certificate } from '../x509/certificate.ts';
import { sameName } from '../x509/name.ts';
import { sameBytes } from '../x509/octets.ts';
import type { RevocationPolicy } from './revocation-policy.ts';
import type { ListSource, ListTerms, RevocationQuestion } from './revocation-source.ts';

/**
 * The source "given lists" (RFC 5280 §6.3.3): complete, delta, partitioned and indirect CRLs given by the
 * caller. `certificates` are candidates for CRL issuers and for the certification paths to them.
 */
export function givenLists(
  lists: readonly NamedCrl[],
  certificates: readonly Certificate[] = [],
): ListSource {
  const signatures = new ListSignatures();
  const revokedSigners = new RevokedSigners(lists, certificates);
  return {
    name: undefined,
    async ask(question, terms) {
      const { anchor, certificate, issuer, now } = question;
      const findPath = pathFinder(anchor.certificate, certificates, now, terms.policy);
      const revoked = await revokedSigners.find(question, terms, findPath);
      return searchLists(certificate, issuer, {
        lists,
        certificates: [anchor.certificate, ...certificates],
        signatures,
        pathTo: (signer) => {
          const path = findPath(signer);
          return path?.some((one) => isAmong(revoked, one)) ? undefined : path;
        },
        policy: {
          now,
          clockSkewMs: terms.policy.clockSkewMs,
          maximumAgeMs: terms.policy.crlMaxAgeMs,
          algorithms: terms.policy.algorithms,
          issuanceRules: terms.policy.issuanceRules ?? false,
        },
      });
    },
  };
}

type FindPath = GivenLists['pathTo'];

/** RFC 5280 §6.3.3 (f): a CRL issuer's path must start at the trust anchor of the certificate's own path. */
function pathFinder(
  anchor: Certificate,
  intermediates: readonly Certificate[],
  time: number,
  { algorithms }: RevocationPolicy,
): FindPath {
  return (signer) => {
    if (signer === anchor) return [anchor];
    const anchors = [{ certificate: anchor }];
    const found = validatePath({ leaf: signer, intermediates, anchors, time, algorithms });
    return found.valid ? pathWithKeys(found) : undefined;
  };
}

/** CRL issuers that given OCSP responses prove revoked; their CRLs are not used (RFC 5280 §6.3.3 (f)). */
class RevokedSigners {
  private readonly lists: readonly NamedCrl[];
  private readonly certificates: readonly Certificate[];
  private readonly byAnchor = new Map<Certificate, Promise<readonly Certificate[]>>();

  constructor(lists: readonly NamedCrl[], certificates: readonly Certificate[]) {
    this.lists = lists;
    this.certificates = certificates;
  }

  find(
    { anchor }: RevocationQuestion,
    { isRevokedSigner }: ListTerms,
    findPath: FindPath,
  ): Promise<readonly Certificate[]> {
    if (!isRevokedSigner) return Promise.resolve([]);
    const known = this.byAnchor.get(anchor.certificate) ?? this.ask(isRevokedSigner, findPath);
    this.byAnchor.set(anchor.certificate, known);
    return known;
  }

  private async ask(
    isRevokedSigner: NonNullable<ListTerms['isRevokedSigner']>,
    findPath: FindPath,
  ): Promise<readonly Certificate[]> {
    const revoked: Certificate[] = [];
    for (const signer of this.certificates) {
      if (!this.lists.some(({ crl }) => sameName(crl.issuer, signer.subject))) continue;
      const issuer = findPath(signer)?.at(-2);
      if (issuer && (await isRevokedSigner(signer, issuer))) revoked.push(signer);
    }
    return revoked;
  }
}

const isAmong = (certificates: readonly Certificate[], certificate: Certificate): boolean =>
  certificates.some(({ der }) => sameBytes(der, certificate.der));
