import type { GeneralName } from '../x509/general-name.ts';
import { isWithinSubtree } from '../x509/name.ts';

/**
 * Is a name within a subtree of the same form (RFC 5280 §4.2.1.10)? `unsure` where either is
 * malformed or the form is not one that this engine compares: the caller refuses.
 */
export type SubtreeMatch = 'within' | 'outside' | 'unsure';

export function matchSubtree(
  name: GeneralName,
  base: GeneralName,
  side: 'permitted' | 'excluded',
): SubtreeMatch {
  if (name.form === 'directoryName' && base.form === 'directoryName') {
    return isWithinSubtree(name.name, base.name) ? 'within' : 'outside';
  }
  if (name.form === 'iPAddress' && base.form === 'iPAddress') {
    return matchAddress(name.octets, base.octets);
  }
  if (name.form === 'dNSName' && base.form === 'dNSName') {
    return matchDnsName(name.text, base.text, side);
  }
  if (name.form === 'rfc822Name' && base.form === 'rfc822Name') {
    return matchMailbox(name.text, base.text);
  }
  if (name.form === 'uniformResourceIdentifier' && base.form === 'uniformResourceIdentifier') {
    return matchUri(name.text, base.text);
  }
  return 'unsure';
}

const verdict = (within: boolean): SubtreeMatch => (within ? 'within' : 'outside');

/** Letters, digits, hyphens and underscores in labels of 1 to 63; case does not count. */
const host =
  /^(?=.{1,253}$)[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?(\.[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?)*$/;

/** "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side." */
function matchDnsName(name: string, base: string, side: 'permitted' | 'excluded'): SubtreeMatch {
  const constraint = base.toLowerCase();
  if (constraint === '') return 'within';
  // A leading period belongs to URI constraints only; a wildcard to none.
  if (!host.test(constraint)) return 'unsure';
  const candidate = withoutRootLabel(name.toLowerCase());
  if (candidate.startsWith('*.')) {
    const parent = candidate.slice(2);
    if (!host.test(parent)) return 'unsure';
    if (isSubdomain(parent, constraint)) return 'within';
    // The wildcard stands for one label (RFC 9525 §6.3), also for that of an excluded subtree just below.
    const above = constraint.slice(constraint.indexOf('.') + 1);
    return verdict(side === 'excluded' && above === parent);
  }
  if (!host.test(candidate)) return 'unsure';
  return verdict(isSubdomain(candidate, constraint));
}

const withoutRootLabel = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name);

const isSubdomain = (name: string, parent: string): boolean =>
  name === parent || name.endsWith(`.${parent}`);

/** A mailbox, every mailbox of a host, or with a leading period every mailbox of a domain's hosts. */
function matchMailbox(name: string, base: string): SubtreeMatch {
  const mailbox = splitMailbox(name);
  if (mailbox === undefined) return 'unsure';
  if (base.includes('@')) {
    const constraint = splitMailbox(base);
    if (constraint === undefined) return 'unsure';
    if (mailbox.host !== constraint.host) return 'outside';
    // RFC 9598 §6: such a constraint cannot name a local part beyond ASCII, and is about the host then.
    if (!/^[ -~]*$/.test(mailbox.local)) return 'unsure';
    // RFC 5280 §7.5: the local part is compared exactly, the host without regard to case.
    return verdict(mailbox.local === constraint.local);
  }
  return matchHost(mailbox.host, base.toLowerCase());
}

function splitMailbox(text: string): { readonly local: string; readonly host: string } | undefined {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const domain = text.slice(at + 1).toLowerCase();
  // RFC 5321 §4.5.3.1.1; a quoted local part may hold an @, which nobody issues and many misread.
  if (at < 1 || local.length > 64 || !/^[^\s@"]+$/.test(local) || !host.test(domain)) {
    return undefined;
  }
  return { local, host: domain };
}

/** "If the constraint begins with a period, it MAY be expanded with one or more labels." */
function matchHost(name: string, constraint: string): SubtreeMatch {
  if (constraint === '') return 'within';
  if (constraint.startsWith('.')) {
    return host.test(constraint.slice(1)) ? verdict(name.endsWith(constraint)) : 'unsure';
  }
  return host.test(constraint) ? verdict(name === constraint) : 'unsure';
}

/**
 * The host part of the URI. "If the URI does not include an authority component, or the authority
 * component does not contain a host name specified as a fully qualified domain name, the application
 * MUST reject the certificate."
 */
function matchUri(name: string, base: string): SubtreeMatch {
  // RFC 3986 §3.2: nothing in the user part that another reader might take for the end of the host.
  const authority =
    /^[a-z][a-z\d+.-]*:\/\/(?:[\w.~%!$&'()*+,;=:-]*@)?([^/?#@:]+)(?::\d*)?(?:[/?#]|$)/i.exec(name);
  const candidate = withoutRootLabel(authority?.[1]?.toLowerCase() ?? '');
  if (!host.test(candidate) || !candidate.includes('.') || /(^|\.)[\d]+$/.test(candidate)) {
    return 'unsure';
  }
  return matchHost(candidate, base.toLowerCase());
}

/** Address and mask, 8 octets for IPv4 and 32 for IPv6. */
function matchAddress(address: Uint8Array, range: Uint8Array): SubtreeMatch {
  const width = address.length;
  if (width !== 4 && width !== 16) return 'unsure';
  if (range.length !== 8 && range.length !== 32) return 'unsure';
  if (!isPrefixMask(range.subarray(range.length / 2))) return 'unsure';
  if (range.length !== 2 * width) return 'outside';
  for (let i = 0; i < width; i++) {
    if (((address[i]! ^ range[i]!) & range[width + i]!) !== 0) return 'outside';
  }
  return 'within';
}

/** RFC 4632: ones, then zeros. */
function isPrefixMask(mask: Uint8Array): boolean {
  let ended = false;
  for (const octet of mask) {
    if (ended && octet !== 0) return false;
    if (octet !== 0xff) {
      ended = true;
      if ((~octet & 0xff & ((~octet & 0xff) + 1)) !== 0) return false;
    }
  }
  return true;
}
