import type { PkiErrorCode } from '../../pki-error.ts';
import type { Certificate } from '../../x509/certificate.ts';
import { internationalMailboxOf, subjectAltNamesOf } from '../../x509/general-name.ts';
import type { Subtree } from '../../x509/name-constraints.ts';
import { attributeTexts } from '../../x509/name.ts';
import { type ConstrainedName, matchSubtree } from '../name-subtree.ts';
import type { PathCheck } from '../path-check.ts';
import type { PathState } from '../path-state.ts';

/** Every name of the certificate is within the permitted subtrees and within no excluded one. */
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
  work.spend(passedBy(excludedSubtrees));
  for (const base of excludedSubtrees) {
    if (base.form !== name.form) continue;
    work.spend(comparedWith(base));
    if (matchSubtree(name, base, 'excluded') !== 'outside') return 'certificate-path-invalid';
  }
  for (const bases of permittedSubtrees) {
    let constrained = false;
    let within = false;
    work.spend(passedBy(bases));
    for (const base of bases) {
      if (base.form !== name.form) continue;
      work.spend(comparedWith(base));
      constrained = true;
      within = matchSubtree(name, base, 'permitted') === 'within';
      if (within) break;
    }
    // RFC 5280 §4.2.1.10: "either process the constraint or reject the certificate". Within one base is
    // within the union, whatever another base may mean that cannot be compared.
    if (constrained && !within) return 'certificate-path-invalid';
  }
  return undefined;
}

/** To see of which form a base is takes a small part of a comparison. */
const passedBy = (bases: readonly Subtree[]): number => bases.length >> 5;

/** A directory name is compared RDN by RDN, at most twice. */
const comparedWith = (base: Subtree): number =>
  base.form === 'directoryName' ? 1 + (base.name.relativeNames.length >> 2) : 1;

const emailAddress = '1.2.840.113549.1.9.1';

/**
 * The subject (where it is not empty), the mailboxes in it, and the alternative names. RFC 5280 §4.2.1.10
 * asks for the subject's mailboxes "when the subject alternative name extension is not present"; they are
 * compared beside it as well, for whoever shows a subject shows them. An internationalised mailbox is an
 * otherName, and a mailbox: RFC 9598 §6 extends the constraints to it.
 */
function constrainedNames(certificate: Certificate): readonly ConstrainedName[] {
  const known = namesByCertificate.get(certificate) ?? readNames(certificate);
  namesByCertificate.set(certificate, known);
  return known;
}

/** A certificate is met again on every candidate path. */
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
