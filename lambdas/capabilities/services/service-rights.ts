import { MyKeyError } from '../../errors.ts';
import type { RevocationMethod } from '../../pki/revocation/revocation-status.ts';
import { mayCall, type ServiceStatus, type ServiceType } from './service.ts';

/** What each form of the platform may do (domain §1, the table of the three forms). */
const rights: Readonly<Record<ServiceType | 'operator', Rights>> = {
  // No PPID: library users have one My Key ID. CRL only for holders of a valid My Key ID.
  library: { scopes: ['certificates:validate'], methods: ['ocsp'] },
  // CRL only as fallback when OCSP is out of service: never asked for directly.
  type1: {
    scopes: [
      'challenges:write',
      'authentications:write',
      'certificates:validate',
      'attributes:read',
      'revocations:read',
      'jobs:write',
    ],
    methods: ['ocsp', 'auto'],
  },
  type2: {
    scopes: [
      'challenges:write',
      'authentications:write',
      'certificates:validate',
      'attributes:read',
      'revocations:read',
      'jobs:write',
    ],
    methods: ['ocsp', 'crl', 'auto'],
  },
  // The operator runs the platform and meets no person: no challenges, no PPIDs.
  operator: {
    scopes: [
      'services:write',
      'services:read',
      'certificates:validate',
      'revocations:read',
      'jobs:write',
    ],
    methods: ['ocsp', 'crl', 'auto'],
  },
};

interface Rights {
  readonly scopes: readonly string[];
  readonly methods: readonly RevocationMethod[];
}

export const scopesOf = (type: ServiceType | 'operator'): readonly string[] => rights[type].scopes;

/** @throws MyKeyError `revocation-method-not-permitted` */
export function requireMethod(type: ServiceType | 'operator', method: RevocationMethod): void {
  const { methods } = rights[type];
  if (methods.includes(method)) return;
  throw new MyKeyError(
    'revocation-method-not-permitted',
    `a service of type ${type} may use: ${methods.join(', ')}`,
  );
}

/** Production serves active services only; elsewhere testing is what the deployment is for. */
export const mayGetTokens = (status: ServiceStatus, production: boolean): boolean =>
  production ? status === 'active' : mayCall(status);
