import { MyKeyError } from '../errors.ts';
import type { CertificateReference } from './certificate-reference.ts';
import type { Predecessor } from './linkage.ts';
import type { TimedLinkage } from './linkage-budget.ts';
import { findOwner, type CertificateOwner, type Opened, type RecordPorts } from './records.ts';
import { peopleLimits } from './limits.ts';

/** One certificate of a renewal line and the linkage service's answer about its predecessor. */
export interface LineLink {
  readonly certificate: CertificateReference;
  readonly predecessor: Predecessor | undefined;
  readonly askedAt: number;
}

export interface RenewalLine {
  /** The certificate in question, then its predecessors that are not filed, newest first. */
  readonly links: readonly LineLink[];
  /** The first predecessor that is filed. */
  readonly filed:
    | { readonly certificate: CertificateReference; readonly owner: Opened<CertificateOwner> }
    | undefined;
}

/**
 * Follows predecessors until one is filed or none remains.
 * @throws MyKeyError `linkage-unavailable`, also for a line above the limit, as every cycle is
 */
export async function renewalLine(
  certificate: CertificateReference,
  ports: RecordPorts & { readonly now: number },
  linkage: TimedLinkage,
): Promise<RenewalLine> {
  const links: LineLink[] = [];
  let asked = certificate;
  while (links.length <= peopleLimits.renewals) {
    const predecessor = await linkage.predecessorOf(asked);
    links.push({ certificate: asked, predecessor, askedAt: ports.now });
    if (predecessor === undefined) return { links, filed: undefined };
    asked = predecessor.reference;
    const owner = await findOwner(ports, asked);
    if (owner !== undefined) return { links, filed: { certificate: asked, owner } };
  }
  throw new MyKeyError(
    'linkage-unavailable',
    'the linkage service returned a cycle or too long a line of renewals',
  );
}
