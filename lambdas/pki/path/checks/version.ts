import type { PathCheck } from '../path-check.ts';

/** Extensions require version 3, unique identifiers version 2 or 3. */
export const version: PathCheck = {
  id: 'version',
  clause: 'RFC 5280 §4.1.2.1, §4.1.2.8',
  scope: 'certificate',
  check({ certificate }) {
    const { version: number, extensions, hasUniqueIdentifier } = certificate;
    if (number < 3 && extensions.length > 0) return 'certificate-malformed';
    return number < 2 && hasUniqueIdentifier ? 'certificate-malformed' : undefined;
  },
};
