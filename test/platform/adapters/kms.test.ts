import { CreateKeyCommand, DisableKeyCommand, KMSClient, type KeySpec } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyObject, verify } from 'node:crypto';
import type { DerivedKey } from '../../../lambdas/people/identity-keys.ts';
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

async function newIds() {
  const [index, service, bucket] = await Promise.all([1, 2, 3].map(() => newKey('HMAC_256')));
  return { index: index!, service: service!, bucket: bucket! };
}

const octets = ({ mac, seal }: DerivedKey): readonly string[] =>
  [mac, seal].map((key) =>
    (key instanceof KeyObject ? key.export() : Buffer.from(key)).toString('hex'),
  );

describe('the keys of persons in KMS', () => {
  it('differ by family, name, version and use, and are the same in every process', async () => {
    const ids = await newIds();
    const keys = kmsIdentityKeys(client, ids, 2);
    const all = await Promise.all([
      keys.index(),
      keys.index(1),
      keys.service('svc_a'),
      keys.service('svc_b'),
      keys.bucket(1),
      keys.bucket(2),
    ]);
    expect(all.map(({ version }) => version)).toEqual([2, 1, 2, 2, 2, 2]);
    expect(new Set(all.flatMap(octets)).size).toBe(12);
    expect(all.flatMap(octets).every((hex) => hex.length === 64)).toBe(true);
    expect(octets(await kmsIdentityKeys(client, ids, 2).service('svc_a'))).toEqual(octets(all[2]));
    expect(keys.versions).toEqual([2, 1]);
  });

  it('are asked for once while a function is warm', async () => {
    const ids = await newIds();
    let calls = 0;
    client.middlewareStack.add(
      (next) => (input) => {
        calls += 1;
        return next(input);
      },
      { name: 'count', step: 'initialize', override: true },
    );
    const keys = kmsIdentityKeys(client, ids, 1);
    await Promise.all([keys.index(), keys.index(), keys.service('a'), keys.service('a')]);
    await keys.index();
    expect(calls).toBe(2);
    const drawn = await Promise.all(Array.from({ length: 200 }, () => keys.bucketForNewSubject()));
    const fetched = calls;
    await Promise.all(drawn.map((number) => keys.bucket(number)));
    client.middlewareStack.remove('count');
    expect([fetched <= 66, calls]).toEqual([true, fetched]);
    expect(new Set(drawn).size).toBeGreaterThan(30);
  });

  it('are a dependency that can be unavailable, and are asked for again after that', async () => {
    const ids = await newIds();
    const keys = kmsIdentityKeys(client, ids, 1);
    await client.send(new DisableKeyCommand({ KeyId: ids.index }));
    await expect(keys.index()).rejects.toMatchObject({ code: 'dependency-unavailable' });
    kms.keys.find(ids.index).state = 'Enabled';
    expect(octets(await keys.index())[0]).toHaveLength(64);
  });
});
