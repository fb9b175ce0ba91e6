import type { PathCheck } from '../path-check.ts';

/** "A certificate MUST NOT include more than one instance of a particular extension." */
export const uniqueExtensions: PathCheck = {
  id: 'unique-extensions',
  clause: 'RFC 5280 §4.2',
  scope: 'certificate',
  check({ certificate: { extensions } }) {
    // At most 64 extensions are parsed; comparing pairs is faster than a set.
    for (let i = 1; i < extensions.length; i++) {
      for (let k = 0; k < i; k++) {
        if (extensions[i]!.id === extensions[k]!.id) return 'certificate-malformed';
      }
    }
    return undefined;
  },
};
