import { extensionId, findExtension } from '../../x509/extensions.ts';
import type { PathCheck } from '../path-check.ts';

/**
 * The issuer, and the subject of a CA, "MUST contain a non-empty distinguished name". A leaf needs a
 * subject or a subject alternative name.
 */
export const namesPresent: PathCheck = {
  id: 'names-present',
  clause: 'RFC 5280 §4.1.2.4, §4.1.2.6',
  scope: 'certificate',
  check({ certificate, isFinal }) {
    const { issuer, subject } = certificate;
    if (issuer.isEmpty) return 'certificate-path-invalid';
    if (!subject.isEmpty) return undefined;
    const isNamed = isFinal && findExtension(certificate, extensionId.subjectAltName) !== undefined;
    return isNamed ? undefined : 'certificate-path-invalid';
  },
};
