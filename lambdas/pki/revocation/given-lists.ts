import {
  type ListsAtHand,
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
 * The source "given lists" (RFC 5280 §6.3.3): complete, delta, partitioned and indirect lists.
 * `certificates` are those among which the signers of lists, and their issuers, are looked for.
 */
export function givenLists(
  lists: readonly NamedCrl[],
  certificates: readonly Certificate[] = [],
): ListSource {
  const signatures = new ListSignatures();
  const accused = new AccusedSigners(lists, certificates);
  return {
    name: undefined,
    async ask(question, terms) {
      const { anchor, certificate, issuer, now } = question;
      const findPath = pathFinder(anchor.certificate, certificates, now, terms.policy);
      const revoked = await accused.find(question, terms, findPath);
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

type FindPath = ListsAtHand['pathTo'];

/** §6.3.3 (f): the path of a list's signer starts at the anchor of the certificate's own. */
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

/** Signers of lists that OCSP answers at hand prove revoked: their lists prove nothing (§6.3.3 (f)). */
class AccusedSigners {
  private readonly lists: readonly NamedCrl[];
  private readonly certificates: readonly Certificate[];
  private readonly byAnchor = new Map<Certificate, Promise<readonly Certificate[]>>();

  constructor(lists: readonly NamedCrl[], certificates: readonly Certificate[]) {
    this.lists = lists;
    this.certificates = certificates;
  }

  find(
    { anchor }: RevocationQuestion,
    { isAccused }: ListTerms,
    findPath: FindPath,
  ): Promise<readonly Certificate[]> {
    if (!isAccused) return Promise.resolve([]);
    const known = this.byAnchor.get(anchor.certificate) ?? this.ask(isAccused, findPath);
    this.byAnchor.set(anchor.certificate, known);
    return known;
  }

  private async ask(
    isAccused: NonNullable<ListTerms['isAccused']>,
    findPath: FindPath,
  ): Promise<readonly Certificate[]> {
    const accused: Certificate[] = [];
    for (const signer of this.certificates) {
      if (!this.lists.some(({ crl }) => sameName(crl.issuer, signer.subject))) continue;
      const issuer = findPath(signer)?.at(-2);
      if (issuer && (await isAccused(signer, issuer))) accused.push(signer);
    }
    return accused;
  }
}

const isAmong = (certificates: readonly Certificate[], certificate: Certificate): boolean =>
  certificates.some(({ der }) => sameBytes(der, certificate.der));
