import type { PkiErrorCode } from '../../pki-error.ts';
import { isOnCurve } from '../../x509/curve-point.ts';
import { keyRefusal, shapeOf } from '../../x509/public-key.ts';
import type { PathCheck } from '../path-check.ts';
import { lacksParameters } from './working-key.ts';

/** The algorithm policy must accept the certificate's own key, also the leaf's, which signs nothing here. */
export const subjectKey: PathCheck = {
  id: 'subject-key',
  clause: 'RFC 5280 §4.1.2.7, algorithm policy',
  scope: 'certificate',
  check({ certificate, input }): PkiErrorCode | undefined {
    if (lacksParameters(certificate)) return undefined;
    const shape = shapeOf(certificate);
    const refusal = keyRefusal(shape, input.algorithms);
    if (refusal !== undefined || shape?.type !== 'ec') return refusal;
    return isOnCurve(certificate.keyBits, shape.curve)
      ? undefined
      : 'certificate-algorithm-unacceptable';
  },
};
