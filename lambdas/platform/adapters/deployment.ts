import { readFileSync } from 'node:fs';
import { parseClientJwks } from '../../capabilities/services/client-jwks.ts';
import type { Client } from '../../capabilities/services/service.ts';
import { parseTrustProfile } from '../trust-profile-json.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';

/** Settings that are fixed at deployment; changing them needs another deployment. */
export interface Deployment {
  readonly stage: string;
  readonly trustProfile: TrustProfile;
  /**
   * The operator's own client. It is not stored in a table, so that no registration can create one.
   */
  readonly operator: Omit<Client, 'scopes'>;
}

/**
 * Reads deployment.json next to the bundle.
 * @throws MyKeyError naming the invalid field
 */
export function readDeployment(
  file: URL = new URL('./deployment.json', import.meta.url),
): Deployment {
  const json = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly stage: string;
    readonly trustProfile: unknown;
    readonly operator: { readonly clientId: string; readonly jwks: unknown };
  };
  return {
    stage: json.stage,
    trustProfile: parseTrustProfile(json.trustProfile),
    operator: {
      clientId: json.operator.clientId,
      serviceId: 'operator',
      keys: parseClientJwks(json.operator.jwks),
    },
  };
}
