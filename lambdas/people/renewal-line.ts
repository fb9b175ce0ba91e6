import { MyKeyError } from '../errors.ts';
import { sameCertificate, type CertificateReference } from './certificate-reference.ts';
import type { Predecessor } from './linkage.ts';
import type { TimedLinkage } from './linkage-budget.ts';
import { findOwner, type CertificateOwner, type Opened, type RecordPorts } from './records.ts';
import { peopleLimits } from './limits.ts';

/** One certificate of a line and what the linkage service says came before it. */
export interface LineLink {
  readonly certificate: CertificateReference;
  readonly predecessor: Predecessor | undefined;
  readonly askedAt: number;
}

export interface RenewalLine {
  /** The certificate that was asked about, then its predecessors that nobody filed, newest first. */
  readonly links: readonly LineLink[];
  /** The first predecessor that is filed. */
  readonly filed:
    | { readonly certificate: CertificateReference; readonly owner: Opened<CertificateOwner> }
    | undefined;
}

/**
 * What a certificate renewed, back to one that is filed or to the first.
 * @throws MyKeyError `linkage-unavailable`, also for a line without an end
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
    if (links.some((link) => sameCertificate(link.certificate, asked))) break;
    const owner = await findOwner(ports, asked);
    if (owner !== undefined) return { links, filed: { certificate: asked, owner } };
  }
  throw new MyKeyError('linkage-unavailable', 'the linkage service gave an endless line');
}
