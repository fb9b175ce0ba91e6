import { generateKeyPairSync, sign } from 'node:crypto';
import type { TokenKey } from '../../lambdas/capabilities/tokens/token-key.ts';

/** A P-256 key in memory that signs as KMS's adapter does: r ‖ s. */
export function memoryTokenKey(): TokenKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: async () => publicKey,
    publicKeys: async () => [publicKey],
    sign: async (data) => sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}
