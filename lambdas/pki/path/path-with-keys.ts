import type { Certificate } from '../x509/certificate.ts';
import type { ValidPath } from './path-result.ts';

/**
 * A valid path from the anchor to the leaf, each certificate with its complete key: DSA parameters may be
 * inherited from the issuer (RFC 3279 §2.3.2).
 */
export const pathWithKeys = ({
  anchor,
  path,
  keys,
}: ValidPath<{ readonly certificate: Certificate }>): readonly Certificate[] => [
  anchor.certificate,
  ...path
    .map((certificate, index): Certificate => {
      const key = keys[index]!;
      if (key.spki === certificate.spki) return certificate;
      const { spki, keyAlgorithm, keyBits } = key;
      return { ...certificate, spki, keyAlgorithm, keyBits };
    })
    .toReversed(),
];
