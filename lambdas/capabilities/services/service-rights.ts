import { MyKeyError } from '../../errors.ts';
import type { RevocationMethod } from '../../pki/revocation/revocation-status.ts';
import type { WantedKind } from '../../pki/validation/certificate-kind.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { mayCall, type ServiceForm, type ServiceStatus } from './service.ts';

/** Revocation methods permitted to each form of the platform (docs/jpki.md: the three forms). */
const methods: Readonly<Record<ServiceForm, readonly RevocationMethod[]>> = {
  // CRLs only as fallback, for holders of a My Key ID in force: see `crlHolders`.
  library: ['ocsp', 'auto'],
  // CRLs only as fallback when OCSP is out of service; they cannot be requested directly.
  type1: ['ocsp', 'auto'],
  type2: ['ocsp', 'crl', 'auto'],
  operator: ['ocsp', 'crl', 'auto'],
};

/** Whose certificates a service of this form may have checked against CRLs. */
export const crlHolders = (form: ServiceForm): 'anybody' | 'my-key-id-holders' =>
  form === 'library' ? 'my-key-id-holders' : 'anybody';

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

/**
 * For a certificate without its holder, about whom nothing is known.
 * @throws MyKeyError `revocation-method-not-permitted`
 */
export function requireMethodForAnybody(form: ServiceForm, method: RevocationMethod): void {
  requireMethod(form, method);
  if (method === 'ocsp' || crlHolders(form) === 'anybody') return;
  throw new MyKeyError(
    'revocation-method-not-permitted',
    'use ocsp, or read the card in a reading session: lists are for holders of a My Key ID',
  );
}

/**
 * The kind of certificate that a service of this form may ask about: at a counter, that of logins alone.
 * Type 2 may also have a signature certificate validated, which departs from the three forms
 * (docs/jpki.md).
 */
export const kindFor = (form: ServiceForm, asked: WantedKind = 'any'): WantedKind =>
  form === 'library' || form === 'type1' ? 'user-authentication' : asked;

/** Production serves active services only; other stages also serve services in testing. */
export const mayGetTokens = (status: ServiceStatus, production: boolean): boolean =>
  production ? status === 'active' : mayCall(status);
