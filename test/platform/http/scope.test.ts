import { describe, expect, it } from '@jest/globals';
import { holdsScope, type Scope } from '../../../lambdas/platform/http/scope.ts';

describe('a scope that was part of another', () => {
  const scope: Scope = {
    name: 'letters:read',
    description: 'letters',
    grantedTo: ['type2'],
    formerly: 'mail:read',
  };

  it('is held by its own name, and by that of the earlier one', () => {
    expect(holdsScope(['letters:read'], scope)).toBe(true);
    expect(holdsScope(['mail:read'], scope)).toBe(true);
  });

  it('is not held by any other name', () => {
    expect(holdsScope(['mail:write'], scope)).toBe(false);
    const { formerly: _, ...now } = scope;
    expect(holdsScope(['mail:read'], now)).toBe(false);
  });
});
