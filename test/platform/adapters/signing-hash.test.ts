import { describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { dynamoDbClient } from '../../../lambdas/platform/adapters/dynamodb/document-client.ts';
import { kmsClient } from '../../../lambdas/platform/adapters/kms/kms-client.ts';
import { SigningHash } from '../../../lambdas/platform/adapters/signing-hash.ts';

const hex = async (hash: SigningHash, text: string): Promise<string> => {
  hash.update(Buffer.from(text));
  return Buffer.from(await hash.digest()).toString('hex');
};
/** The same by the one-off way of Node, with the secret as octets. */
const expected = (secret: string | Uint8Array, text: string): string =>
  createHmac('sha256', Buffer.from(secret as string))
    .update(text)
    .digest('hex');

describe('the hash that signs requests to AWS', () => {
  test('is SHA-256 without a secret (FIPS 180-2 appendix B.1)', async () => {
    expect(await hex(new SigningHash(), 'abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  test('is HMAC-SHA-256 with one, as text and as octets (RFC 4231 §4.3)', async () => {
    const mac = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    const data = 'what do ya want for nothing?';
    expect(await hex(new SigningHash('Jefe'), data)).toBe(mac);
    const view = Buffer.from('xJefe').subarray(1);
    expect(await hex(new SigningHash(view), data)).toBe(mac);
    expect(await hex(new SigningHash(Uint8Array.from(Buffer.from('Jefe')).buffer), data)).toBe(mac);
  });

  test('uses each secret for itself, however often they take turns', async () => {
    const octets = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    for (const secret of ['one', 'two', 'one', ...octets, ...octets]) {
      expect(await hex(new SigningHash(secret), 'text')).toBe(expected(secret, 'text'));
    }
  });

  test('begins anew with the same secret', async () => {
    const hash = new SigningHash('secret');
    const first = await hex(hash, 'text');
    hash.reset();
    expect(await hex(hash, 'text')).toBe(first);
  });

  test('is what the clients for tables and keys sign with', () => {
    process.env['AWS_REGION'] = 'ap-northeast-1';
    for (const client of [dynamoDbClient(), kmsClient()]) {
      expect(client.config.sha256).toBe(SigningHash);
      client.destroy();
    }
  });
});
