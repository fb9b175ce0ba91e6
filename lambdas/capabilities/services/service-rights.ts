import { MyKeyError } from '../../errors.ts';
import type { RevocationMethod } from '../../pki/revocation/revocation-status.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { mayCall, type ServiceForm, type ServiceStatus } from './service.ts';

/** Revocation methods permitted to each form of the platform (docs/jpki.md: the three forms). */
const methods: Readonly<Record<ServiceForm, readonly RevocationMethod[]>> = {
  // CRLs only for holders of a valid My Key ID, which this platform does not issue.
  library: ['ocsp'],
  // CRLs only as fallback when OCSP is out of service; they cannot be requested directly.
  type1: ['ocsp', 'auto'],
  type2: ['ocsp', 'crl', 'auto'],
  operator: ['ocsp', 'crl', 'auto'],
};

/**
 * Scopes of the API that a client of this form may request, including those that the operator granted
 * to its service.
 * @throws MyKeyError `scope-unknown` if a service of this form cannot be granted one of them
 */
export function scopesGrantedTo(
  form: ServiceForm,
  scopes: readonly Scope[],
  grants: readonly string[] = [],
): readonly string[] {
  const grantable = scopes.filter(({ grantableTo }) => grantableTo?.includes(form));
  const names = grantable.map(({ name }): string => name);
  if (!grants.every((grant) => names.includes(grant))) {
    throw new MyKeyError(
      'scope-unknown',
      `a service of type ${form} can be granted: ${names.join(' ') || 'nothing'}`,
    );
  }
  return scopes
    .filter(({ name, grantedTo }) => grantedTo.includes(form) || grants.includes(name))
    .map(({ name }) => name);
}

/** @throws MyKeyError `revocation-method-not-permitted` */
export function requireMethod(form: ServiceForm, method: RevocationMethod): void {
  const permitted = methods[form];
  if (permitted.includes(method)) return;
  throw new MyKeyError(
    'revocation-method-not-permitted',
    `a service of type ${form} may use: ${permitted.join(', ')}`,
  );
}

/** Production serves active services only; other stages also serve services in testing. */
export const mayGetTokens = (status: ServiceStatus, production: boolean): boolean =>
  production ? status === 'active' : mayCall(status);
