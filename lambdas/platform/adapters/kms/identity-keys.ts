import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import { createSecretKey, hkdfSync, randomInt, type KeyObject } from 'node:crypto';
import { buckets, type DerivedKey, type IdentityKeys } from '../../../people/identity-keys.ts';
import { lengthPrefixed } from '../../../people/length-prefixed.ts';
import { required } from '../environment.ts';
import { kmsAnswer } from './kms-client.ts';
import { adapterLimits } from '../limits.ts';

export interface IdentityKeyIds {
  readonly index: string;
  readonly service: string;
  readonly bucket: string;
}

/**
 * Derives each key with one KMS MAC over its family, name and version, then HKDF (RFC 5869) for its
 * two uses. Keys are cached while the function is warm; failures are not cached. The families' KMS
 * keys never leave KMS, so one derived key reveals no other.
 */
export function kmsIdentityKeys(
  client: KMSClient,
  keyIds: IdentityKeyIds,
  currentVersion: number,
): IdentityKeys {
  const kept = new Map<string, Promise<DerivedKey>>();
  let atHand: Promise<readonly number[]> | undefined;

  const derive = async (keyId: string, name: readonly string[], version: number) => {
    const Message = lengthPrefixed('my-key-platform/identity-key', ...name, String(version));
    const command = new GenerateMacCommand({
      KeyId: keyId,
      MacAlgorithm: 'HMAC_SHA_256',
      Message,
    });
    const { Mac } = await kmsAnswer(client.send(command));
    return { version, mac: expand(Mac!, 'mac'), seal: expand(Mac!, 'seal') };
  };
  const keyOf = (keyId: string, name: readonly string[], version: number): Promise<DerivedKey> => {
    const label = `${name.join('#')}#${version}`;
    const found = kept.get(label);
    if (found !== undefined) return found;
    const key = derive(keyId, name, version);
    kept.set(label, key);
    key.catch(() => kept.delete(label));
    if (kept.size > adapterLimits.keysKept) kept.delete(kept.keys().next().value!);
    return key;
  };
  const bucket = (number: number, version = currentVersion): Promise<DerivedKey> =>
    keyOf(keyIds.bucket, ['bucket', String(number)], version);
  const fetchSome = async (): Promise<readonly number[]> => {
    const drawn = Array.from({ length: adapterLimits.bucketKeysAhead }, () => randomInt(buckets));
    await Promise.all(drawn.map((number) => bucket(number)));
    return drawn;
  };

  return {
    versions: currentVersion > 1 ? [currentVersion, currentVersion - 1] : [currentVersion],
    index: (version = currentVersion) => keyOf(keyIds.index, ['index'], version),
    service: (serviceId, version = currentVersion) =>
      keyOf(keyIds.service, ['service', serviceId], version),
    bucket,
    async bucketForNewSubject() {
      atHand ??= fetchSome();
      atHand.catch(() => (atHand = undefined));
      const drawn = await atHand;
      return drawn[randomInt(drawn.length)]!;
    },
  };
}

/** As the key constructs set it in a function's environment. */
export const identityKeysOfEnvironment = (client: KMSClient): IdentityKeys =>
  kmsIdentityKeys(
    client,
    {
      index: required('INDEX_KEY_ID'),
      service: required('SERVICE_KEY_ID'),
      bucket: required('BUCKET_KEY_ID'),
    },
    Number(required('IDENTITY_KEY_VERSION')),
  );

const expand = (mac: Uint8Array, use: 'mac' | 'seal'): KeyObject =>
  createSecretKey(new Uint8Array(hkdfSync('sha256', mac, '', `my-key-platform/${use}`, 32)));
