import { createPublicKey } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import * as z from 'zod';
import type { EncryptionKey } from './service.ts';

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/, {
  error: 'send the 32 octets of the coordinate in base64url',
});

/** A public JWK for ECDH-ES on P-256 (RFC 7518 §4.6). Private members are refused, not dropped. */
export const encryptionKeyInput = z
  .strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: coordinate,
    y: coordinate,
    use: z.literal('enc').default('enc'),
    alg: z.literal('ECDH-ES').default('ECDH-ES'),
    kid: z
      .string()
      .regex(/^[A-Za-z0-9._~-]{1,64}$/)
      .optional()
      .meta({ description: 'RFC 7638 thumbprint if absent' }),
  })
  .refine(isOnCurve, { path: ['x'], error: 'send a point of the curve P-256' })
  .meta({
    id: 'EncryptionKeyInput',
    description: 'Public key to which the reader program encrypts the four attributes',
  });

export const encryptionKey = z
  .object({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string(),
    y: z.string(),
    use: z.literal('enc'),
    alg: z.literal('ECDH-ES'),
    kid: z.string(),
  })
  .meta({ id: 'EncryptionKey' });

/** The key as it is stored: with its `kid`. */
export const storedEncryptionKey = async (
  given: z.output<typeof encryptionKeyInput>,
): Promise<EncryptionKey> => {
  const { kty, crv, x, y } = given;
  return { ...given, kid: given.kid ?? (await calculateJwkThumbprint({ kty, crv, x, y })) };
};

function isOnCurve({
  kty,
  crv,
  x,
  y,
}: Readonly<Record<'kty' | 'crv' | 'x' | 'y', string>>): boolean {
  try {
    createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}
