import type { PkiErrorCode } from '../../pki-error.ts';
import type { Certificate } from '../../x509/certificate.ts';
import { internationalMailboxOf, subjectAltNamesOf } from '../../x509/general-name.ts';
import type { Subtree } from '../../x509/name-constraints.ts';
import { attributeTexts } from '../../x509/name.ts';
import { type ConstrainedName, matchSubtree } from '../name-subtree.ts';
import type { PathCheck } from '../path-check.ts';
import type { PathState } from '../path-state.ts';

/** Every name of the certificate must be within the permitted subtrees and outside the excluded ones. */
export const nameConstraints: PathCheck = {
  id: 'name-constraints',
  clause: 'RFC 5280 §6.1.3 (b), (c)',
  scope: 'path',
  check({ certificate, isSelfIssued, state }) {
    // "If certificate i is self-issued and it is not the final certificate in the path, skip."
    if (isSelfIssued) return undefined;
    if (state.permittedSubtrees.length === 0 && state.excludedSubtrees.length === 0) {
      return undefined;
    }
    for (const name of constrainedNames(certificate)) {
      const refusal = refusalOf(name, state);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  },
};

function refusalOf(name: ConstrainedName, state: PathState): PkiErrorCode | undefined {
  const { work, excludedSubtrees, permittedSubtrees } = state;
  work.spend(formCheckCost(excludedSubtrees));
  for (const base of excludedSubtrees) {
    if (base.form !== name.form) continue;
    work.spend(comparisonCost(base));
    if (matchSubtree(name, base, 'excluded') !== 'outside') return 'certificate-path-invalid';
  }
  for (const bases of permittedSubtrees) {
    let constrained = false;
    let within = false;
    work.spend(formCheckCost(bases));
    for (const base of bases) {
      if (base.form !== name.form) continue;
      work.spend(comparisonCost(base));
      constrained = true;
      within = matchSubtree(name, base, 'permitted') === 'within';
      if (within) break;
    }
    // RFC 5280 §4.2.1.10: "either process the constraint or reject the certificate". The subtrees of one
    // extension are a union, so one match suffices even if another base cannot be compared.
    if (constrained && !within) return 'certificate-path-invalid';
  }
  return undefined;
}

/** Cost of checking the forms of the bases: about 1/32 of a comparison each. */
const formCheckCost = (bases: readonly Subtree[]): number => bases.length >> 5;

/** Cost of one comparison; a directoryName is compared RDN by RDN, at most twice. */
const comparisonCost = (base: Subtree): number =>
  base.form === 'directoryName' ? 1 + (base.name.relativeNames.length >> 2) : 1;

const emailAddress = '1.2.840.113549.1.9.1';

/**
 * The names that constraints apply to: a non-empty subject, its emailAddress attributes, and the subject
 * alternative names. RFC 5280 §4.2.1.10 applies rfc822Name constraints to emailAddress "when the subject
 * alternative name extension is not present"; this engine applies them always. An SmtpUTF8Mailbox counts
 * as an otherName and as a mailbox (RFC 9598 §6).
 */
function constrainedNames(certificate: Certificate): readonly ConstrainedName[] {
  const known = namesByCertificate.get(certificate) ?? readNames(certificate);
  namesByCertificate.set(certificate, known);
  return known;
}

/** Cache: a certificate can be part of many candidate paths. */
const namesByCertificate = new WeakMap<Certificate, readonly ConstrainedName[]>();

function readNames(certificate: Certificate): readonly ConstrainedName[] {
  const alternatives = subjectAltNamesOf(certificate);
  const { subject } = certificate;
  const mailboxes = attributeTexts(subject, emailAddress).map((text): ConstrainedName => ({
    form: 'rfc822Name',
    text,
    from: 'subject',
  }));
  const directory: readonly ConstrainedName[] = subject.isEmpty
    ? []
    : [{ form: 'directoryName', name: subject }];
  const international = (alternatives ?? []).flatMap((name): readonly ConstrainedName[] => {
    const text = internationalMailboxOf(name);
    return text === undefined ? [] : [{ form: 'rfc822Name', text, from: 'SmtpUTF8Mailbox' }];
  });
  return [...directory, ...(alternatives ?? []), ...international, ...mailboxes];
}
