import type { GeneralName } from '../x509/general-name.ts';
import type { Subtree } from '../x509/name-constraints.ts';
import { isWithinSubtree, mayBeWithinSubtree } from '../x509/name.ts';

/**
 * Whether a name is within a subtree of the same form (RFC 5280 §4.2.1.10). `unsure` if one of them is
 * malformed or of a form that this engine does not compare; the caller then refuses.
 */
export type SubtreeMatch = 'within' | 'outside' | 'unsure';

/** The kind of subtree that a base belongs to. A doubtful match is excluded, and is not permitted. */
export type SubtreeSide = 'permitted' | 'excluded';

/** A name that constraints apply to. `from` marks an emailAddress of the subject, or an SmtpUTF8Mailbox. */
export type ConstrainedName = GeneralName & { readonly from?: 'subject' | 'SmtpUTF8Mailbox' };

export function matchSubtree(
  name: ConstrainedName,
  base: Subtree,
  side: SubtreeSide,
): SubtreeMatch {
  if (base.isBounded) return 'unsure';
  if (name.form === 'directoryName' && base.form === 'directoryName') {
    if (isWithinSubtree(name.name, base.name)) return 'within';
    return mayBeWithinSubtree(name.name, base.name) ? 'unsure' : 'outside';
  }
  if (name.form === 'iPAddress' && base.form === 'iPAddress') {
    return matchAddress(name.octets, base.octets);
  }
  if (name.form === 'dNSName' && base.form === 'dNSName') {
    return matchDnsName(name, base, side);
  }
  if (name.form === 'rfc822Name' && base.form === 'rfc822Name') {
    return matchMailbox(name, base, side);
  }
  if (name.form === 'uniformResourceIdentifier' && base.form === 'uniformResourceIdentifier') {
    return matchUri(name, base);
  }
  return 'unsure';
}

const verdict = (within: boolean): SubtreeMatch => (within ? 'within' : 'outside');

/** A lower-case host name: labels of 1 to 63 letters, digits, hyphens and underscores. */
const host =
  /^(?=.{1,253}$)[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?(\.[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?)*$/;

type TextName = Extract<GeneralName, { readonly text: string }>;

/** Caches the parsed form of a name or base, which is compared many times. */
function cachedByName<T>(read: (text: string) => T): (name: TextName) => T {
  const known = new WeakMap<TextName, { readonly value: T }>();
  return (name) => {
    const found = known.get(name) ?? { value: read(name.text) };
    known.set(name, found);
    return found.value;
  };
}

/** A base that is a host name, in lower case; undefined for any other. */
const constraintOf = cachedByName((text) => {
  const lower = text.toLowerCase();
  return host.test(lower) ? lower : undefined;
});

/** A dNSName in lower case without the trailing period; for a wildcard, the part after "*.". */
const dnsNameOf = cachedByName((text) => {
  const lower = withoutRootLabel(text.toLowerCase());
  const isWildcard = lower.startsWith('*.');
  const name = isWildcard ? lower.slice(2) : lower;
  return host.test(name) ? { name, isWildcard } : undefined;
});

/** "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side." */
function matchDnsName(dnsName: TextName, base: TextName, side: SubtreeSide): SubtreeMatch {
  // A base with a leading period (allowed for URIs only) or a wildcard is `unsure`.
  if (base.text === '') return 'within';
  const constraint = constraintOf(base);
  if (constraint === undefined) return 'unsure';
  const found = dnsNameOf(dnsName);
  if (found === undefined) return 'unsure';
  const { name, isWildcard } = found;
  if (isSubdomain(name, constraint)) return 'within';
  if (!isWildcard || side === 'permitted') return 'outside';
  // A wildcard matches one label (RFC 9525 §6.3), so *.example also covers an excluded a.example.
  return verdict(constraint.slice(constraint.indexOf('.') + 1) === name);
}

const withoutRootLabel = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name);

const isSubdomain = (name: string, parent: string): boolean =>
  name === parent || name.endsWith(`.${parent}`);

/** The base is a mailbox, a host (all its mailboxes), or ".domain" (all mailboxes of its subdomains). */
function matchMailbox(
  name: TextName & ConstrainedName,
  base: TextName,
  side: SubtreeSide,
): SubtreeMatch {
  const mailbox = mailboxOf(name);
  if (mailbox === undefined) return 'unsure';
  if (!base.text.includes('@')) return matchHost(mailbox.host, base);
  const constraint = mailboxOf(base);
  if (constraint === undefined) return 'unsure';
  if (mailbox.host !== constraint.host) return 'outside';
  // RFC 9598 §6: only the hosts are compared, and a base SHOULD NOT be a mailbox.
  if (name.from === 'SmtpUTF8Mailbox') return 'unsure';
  // RFC 5280 §7.5: the local part is compared exactly, the host without regard to case.
  if (mailbox.local === constraint.local) return 'within';
  // §4.1.2.6: an emailAddress in the subject "is not case-sensitive".
  const isAlike = mailbox.local.toLowerCase() === constraint.local.toLowerCase();
  return name.from === 'subject' && side === 'excluded' && isAlike ? 'within' : 'outside';
}

const mailboxOf = cachedByName(splitMailbox);

/** A Dot-string (RFC 5321 §4.1.2), with non-ASCII letters allowed (RFC 6531 §3.3). */
const localPart = /^[\w.!#$%&'*+/=?^`{|}~\p{L}\p{M}\p{N}-]+$/u;

function splitMailbox(text: string): { readonly local: string; readonly host: string } | undefined {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  // RFC 5321 §4.5.3.1.1: at most 64 octets. Quoted local parts, which may contain "@", are not supported.
  if (at < 1 || local.length > 64 || !localPart.test(local)) return undefined;
  // Check for ASCII first: toLowerCase() maps some non-ASCII letters to ASCII.
  if (!/^[!-~]*$/.test(domain) || !host.test(domain.toLowerCase())) return undefined;
  return { local, host: domain.toLowerCase() };
}

/** "If the constraint begins with a period, it MAY be expanded with one or more labels." */
function matchHost(name: string, base: TextName): SubtreeMatch {
  const constraint = domainOf(base) ?? constraintOf(base);
  if (constraint === undefined) return 'unsure';
  return verdict(constraint.startsWith('.') ? name.endsWith(constraint) : name === constraint);
}

/** A base with a leading period; undefined for any other. */
const domainOf = cachedByName((text) => {
  const lower = text.toLowerCase();
  return lower.startsWith('.') && host.test(lower.slice(1)) ? lower : undefined;
});

/**
 * The host part of the URI. "If the URI does not include an authority component, or the authority
 * component does not contain a host name specified as a fully qualified domain name, the application
 * MUST reject the certificate."
 */
function matchUri(name: TextName, base: TextName): SubtreeMatch {
  const found = uriHostOf(name);
  return found === undefined ? 'unsure' : matchHost(found, base);
}

const uriHostOf = cachedByName((uri) => {
  // RFC 3986 §3.2: userinfo may not contain characters that another parser could read as the end of the host.
  const authority =
    /^[a-z][a-z\d+.-]*:\/\/(?:[\w.~%!$&'()*+,;=:-]*@)?([^/?#@:]+)(?::\d*)?(?:[/?#]|$)/i.exec(uri);
  const found = withoutRootLabel(authority?.[1]?.toLowerCase() ?? '');
  const isQualified = host.test(found) && found.includes('.') && !/(^|\.)[\d]+$/.test(found);
  return isQualified ? found : undefined;
});

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
