import { CreateKeyCommand, DisableKeyCommand, KMSClient, type KeySpec } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verify } from 'node:crypto';
import { kmsIdentityKeys } from '../../../lambdas/platform/adapters/kms/identity-keys.ts';
import { kmsPpidMac } from '../../../lambdas/platform/adapters/kms/ppid-mac.ts';
import { kmsTokenKey } from '../../../lambdas/platform/adapters/kms/token-key.ts';
import { startKms, type Kms } from '../../../sandbox/cloud/start-kms.ts';

let kms: Kms;
let client: KMSClient;
beforeAll(async () => {
  kms = await startKms();
  client = new KMSClient({
    endpoint: kms.endpoint,
    region: 'ap-northeast-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});
afterAll(async () => {
  client.destroy();
  await kms.close();
});

async function newKey(KeySpec: KeySpec): Promise<string> {
  const KeyUsage = KeySpec === 'HMAC_256' ? 'GENERATE_VERIFY_MAC' : 'SIGN_VERIFY';
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec, KeyUsage }));
  return KeyMetadata!.KeyId!;
}

describe('the token key in KMS', () => {
  it('signs r ‖ s, whatever the lengths of r and s, that its public key verifies', async () => {
    const key = kmsTokenKey(client, await newKey('ECC_NIST_P256'));
    const publicKey = await key.publicKey();
    // One signature in 128 has a short r or s.
    for (let n = 0; n < 40; n++) {
      const data = Buffer.from(`token ${n}`);
      const signature = await key.sign(data);
      expect(signature).toHaveLength(64);
      const options = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
      expect(verify('sha256', data, options, signature)).toBe(true);
    }
  });
});

describe('the PPID key in KMS', () => {
  it('gives the same MAC for the same message, and names the key', async () => {
    const mac = kmsPpidMac(client, await newKey('HMAC_256'));
    const [one, two, other] = await Promise.all(
      ['a', 'a', 'b'].map((text) => mac(Buffer.from(text))),
    );
    expect(one!.mac).toEqual(two!.mac);
    expect(one!.mac).not.toEqual(other!.mac);
    expect(one!.keyVersion).toMatch(/^arn:aws:kms:/);
  });
});

describe('the index key in KMS', () => {
  it('derives two keys of 32 octets, the same ones in every process', async () => {
    const keyId = await newKey('HMAC_256');
    const keys = await kmsIdentityKeys(client, keyId)();
    expect([keys.index.length, keys.seal.length]).toEqual([32, 32]);
    expect(keys.index).not.toEqual(keys.seal);
    expect(await kmsIdentityKeys(client, keyId)()).toEqual(keys);
  });

  it('is a dependency that can be unavailable, and is asked again after that', async () => {
    const keyId = await newKey('HMAC_256');
    const keys = kmsIdentityKeys(client, keyId);
    await client.send(new DisableKeyCommand({ KeyId: keyId }));
    await expect(keys()).rejects.toMatchObject({ code: 'dependency-unavailable' });
    kms.keys.find(keyId).state = 'Enabled';
    expect((await keys()).index).toHaveLength(32);
  });
});
