import type { PathCheck } from '../path-check.ts';

/** The issuer, and the subject of an authority, "MUST contain a non-empty distinguished name". */
export const namesPresent: PathCheck = {
  id: 'names-present',
  clause: 'RFC 5280 §4.1.2.4, §4.1.2.6',
  scope: 'certificate',
  check: ({ certificate: { issuer, subject }, isFinal }) =>
    issuer.isEmpty || (subject.isEmpty && !isFinal) ? 'certificate-path-invalid' : undefined,
};
