import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  KMSClient,
  type KeySpec,
  type KeyUsageType,
  ScheduleKeyDeletionCommand,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { createPublicKey, hash, verify } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kms, startKms } from '../../../sandbox/cloud/start-kms.ts';

let kms: Kms;
let client: KMSClient;
const dataDir = mkdtempSync(join(tmpdir(), 'kms-'));

const clientOf = (endpoint: string) =>
  new KMSClient({
    endpoint,
    region: 'ap-northeast-1',
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
    maxAttempts: 1,
  });

beforeAll(async () => {
  kms = await startKms({ dataDir, now: () => Date.UTC(2026, 3, 1) });
  client = clientOf(kms.endpoint);
});
afterAll(async () => {
  client.destroy();
  await kms.close();
  rmSync(dataDir, { recursive: true });
});

async function newKey(spec: KeySpec, usage: KeyUsageType): Promise<string> {
  const { KeyMetadata } = await client.send(
    new CreateKeyCommand({ KeySpec: spec, KeyUsage: usage }),
  );
  return KeyMetadata?.KeyId ?? '';
}

const message = Buffer.from('a message');

const macWith = (KeyId: string, Message: Uint8Array = message) =>
  client.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm: 'HMAC_SHA_256' }));

describe('MAC keys', () => {
  it('gives the same MAC for the same message and verifies it', async () => {
    const KeyId = await newKey('HMAC_256', 'GENERATE_VERIFY_MAC');
    const [first, second] = [await macWith(KeyId), await macWith(KeyId)];
    expect(first.Mac).toHaveLength(32);
    expect(second.Mac).toEqual(first.Mac);
    const verified = await client.send(
      new VerifyMacCommand({
        KeyId,
        Message: message,
        Mac: first.Mac,
        MacAlgorithm: 'HMAC_SHA_256',
      }),
    );
    expect(verified.MacValid).toBe(true);
  });

  it('refuses a MAC of another message', async () => {
    const KeyId = await newKey('HMAC_256', 'GENERATE_VERIFY_MAC');
    const { Mac } = await macWith(KeyId, Buffer.from('another'));
    await expect(
      client.send(
        new VerifyMacCommand({ KeyId, Message: message, Mac, MacAlgorithm: 'HMAC_SHA_256' }),
      ),
    ).rejects.toMatchObject({ name: 'KMSInvalidMacException' });
  });

  it('accepts a message of 4,096 bytes and refuses one of 4,097', async () => {
    const KeyId = await newKey('HMAC_256', 'GENERATE_VERIFY_MAC');
    await expect(macWith(KeyId, Buffer.alloc(4096))).resolves.toMatchObject({
      MacAlgorithm: 'HMAC_SHA_256',
    });
    await expect(macWith(KeyId, Buffer.alloc(4097))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it.each([
    ['a signing key', 'ECC_NIST_P256', 'SIGN_VERIFY'],
    ['a key of another hash', 'HMAC_512', 'GENERATE_VERIFY_MAC'],
  ] as const)('refuses %s', async (_, spec, usage) => {
    await expect(macWith(await newKey(spec, usage))).rejects.toMatchObject({
      name: 'InvalidKeyUsageException',
    });
  });

  it('refuses a disabled key, and one that waits for its deletion, each by its own name', async () => {
    const KeyId = await newKey('HMAC_256', 'GENERATE_VERIFY_MAC');
    await client.send(new DisableKeyCommand({ KeyId }));
    await expect(macWith(KeyId)).rejects.toMatchObject({ name: 'DisabledException' });
    await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await expect(macWith(KeyId)).rejects.toMatchObject({ name: 'KMSInvalidStateException' });
  });

  it('refuses a key that does not exist', async () => {
    await expect(macWith('4d5a1a2b-0000-4000-8000-000000000000')).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });
});

describe('signing keys', () => {
  it.each([
    ['ECC_NIST_P256', 'ECDSA_SHA_256', 'sha256'],
    ['ECC_NIST_P384', 'ECDSA_SHA_384', 'sha384'],
    ['ECC_NIST_P521', 'ECDSA_SHA_512', 'sha512'],
  ] as const)('%s signs messages and digests that OpenSSL verifies', async (spec, alg, digest) => {
    const KeyId = await newKey(spec, 'SIGN_VERIFY');
    const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId }));
    const key = createPublicKey({
      key: Buffer.from(PublicKey ?? []),
      format: 'der',
      type: 'spki',
    });
    for (const [MessageType, Message] of [
      ['RAW', message],
      ['DIGEST', hash(digest, message, 'buffer')],
    ] as const) {
      const signing = { KeyId, Message, MessageType, SigningAlgorithm: alg };
      const { Signature } = await client.send(new SignCommand(signing));
      expect(verify(digest, message, key, Signature ?? Buffer.alloc(0))).toBe(true);
      const verified = await client.send(new VerifyCommand({ ...signing, Signature }));
      expect(verified.SignatureValid).toBe(true);
    }
  });

  it('refuses a signature of another message', async () => {
    const KeyId = await newKey('ECC_NIST_P256', 'SIGN_VERIFY');
    const signing = { KeyId, SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    const { Signature } = await client.send(new SignCommand({ ...signing, Message: message }));
    await expect(
      client.send(new VerifyCommand({ ...signing, Message: Buffer.from('other'), Signature })),
    ).rejects.toMatchObject({ name: 'KMSInvalidSignatureException' });
  });

  it('refuses a digest of the wrong length', async () => {
    const KeyId = await newKey('ECC_NIST_P256', 'SIGN_VERIFY');
    await expect(
      client.send(
        new SignCommand({
          KeyId,
          Message: Buffer.alloc(20),
          MessageType: 'DIGEST',
          SigningAlgorithm: 'ECDSA_SHA_256',
        }),
      ),
    ).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('encryption keys', () => {
  it('decrypts only under the same encryption context', async () => {
    const KeyId = await newKey('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT');
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({ KeyId, Plaintext: message, EncryptionContext: { a: '1', b: '2' } }),
    );
    const opened = await client.send(
      new DecryptCommand({ CiphertextBlob, EncryptionContext: { b: '2', a: '1' } }),
    );
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(message);
    await expect(
      client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { a: '1' } })),
    ).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('refuses a ciphertext under a key it was not made with', async () => {
    const KeyId = await newKey('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT');
    const other = await newKey('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT');
    const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext: message }));
    await expect(
      client.send(new DecryptCommand({ KeyId: other, CiphertextBlob })),
    ).rejects.toMatchObject({ name: 'IncorrectKeyException' });
  });
});

describe('keys', () => {
  it('refuses a usage that the spec does not have', async () => {
    await expect(newKey('HMAC_256', 'SIGN_VERIFY')).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('are the same after a restart, in a file that only its owner reads', async () => {
    const KeyId = await newKey('HMAC_256', 'GENERATE_VERIFY_MAC');
    await client.send(new CreateAliasCommand({ AliasName: 'alias/kept', TargetKeyId: KeyId }));
    expect(statSync(join(dataDir, 'kms.json')).mode & 0o777).toBe(0o600);
    const again = await startKms({ dataDir });
    const found = await clientOf(again.endpoint).send(
      new DescribeKeyCommand({ KeyId: 'alias/kept' }),
    );
    await again.close();
    expect(found.KeyMetadata).toMatchObject({ KeyId, KeySpec: 'HMAC_256', KeyState: 'Enabled' });
  });
});
