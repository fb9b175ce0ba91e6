import { describe, expect, it } from '@jest/globals';
import { validatePath } from '../../../lambdas/pki/path/validate-path.ts';
import { inputOf, pathVectors } from '../../vectors/paths.ts';

describe('path validation by vectors', () => {
  it('names every vector once', () => {
    expect(new Set(pathVectors.map(({ id }) => id)).size).toBe(pathVectors.length);
  });

  for (const vector of pathVectors) {
    it(`${vector.id} (${vector.clause}): ${vector.expected}`, () => {
      const result = validatePath(inputOf(vector));
      if (!result.valid) globalThis.codeEmitted?.(result.code);
      expect(result.valid ? 'valid' : result.code).toBe(vector.expected);
      if (!result.valid && vector.check !== undefined) expect(result.check).toBe(vector.check);
      if (result.valid && vector.policies !== undefined) {
        expect(result.userConstrainedPolicySet).toEqual(vector.policies);
      }
    });
  }
});
