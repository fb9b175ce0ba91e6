import type { PkiErrorCode } from '../../pki-error.ts';
import { isOnCurve } from '../../x509/curve-point.ts';
import { keyRefusal, shapeOf } from '../../x509/public-key.ts';
import type { PathCheck } from '../path-check.ts';
import { lacksParameters } from './working-key.ts';

/** The certified key itself is one that the caller's policy accepts, also where nothing uses it yet. */
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
