import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { KmsError, invalid } from './kms-error.ts';

export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC';
export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

export interface KmsKey {
  readonly id: string;
  readonly arn: string;
  readonly usage: KeyUsage;
  readonly spec: string;
  readonly description: string;
  readonly createdAt: number;
  /** Symmetric: the raw key. Elliptic curve: the private key as PKCS #8 DER. Base64 either way. */
  readonly material: string;
  state: KeyState;
  deletionAt?: number;
}

export interface KeySpec {
  readonly usage: KeyUsage;
  /** The one algorithm the spec offers (KMS developer guide, "Key spec reference"). */
  readonly algorithm: string;
  readonly hash: string;
  /** Bytes of the raw key, or of the digest an elliptic curve signs. */
  readonly bytes: number;
  readonly curve?: string;
}

const mac = (hash: string, algorithm: string, bytes: number): KeySpec => ({
  usage: 'GENERATE_VERIFY_MAC',
  algorithm,
  hash,
  bytes,
});
const ecdsa = (hash: string, algorithm: string, bytes: number, curve: string): KeySpec => ({
  usage: 'SIGN_VERIFY',
  algorithm,
  hash,
  bytes,
  curve,
});

export const keySpecs: ReadonlyMap<string, KeySpec> = new Map([
  [
    'SYMMETRIC_DEFAULT',
    { usage: 'ENCRYPT_DECRYPT', algorithm: 'SYMMETRIC_DEFAULT', hash: '', bytes: 32 },
  ],
  ['HMAC_224', mac('sha224', 'HMAC_SHA_224', 28)],
  ['HMAC_256', mac('sha256', 'HMAC_SHA_256', 32)],
  ['HMAC_384', mac('sha384', 'HMAC_SHA_384', 48)],
  ['HMAC_512', mac('sha512', 'HMAC_SHA_512', 64)],
  ['ECC_NIST_P256', ecdsa('sha256', 'ECDSA_SHA_256', 32, 'prime256v1')],
  ['ECC_NIST_P384', ecdsa('sha384', 'ECDSA_SHA_384', 48, 'secp384r1')],
  ['ECC_NIST_EDWARDS25519', ecdsa('', 'ED25519_SHA_512', 32, 'ed25519')],
  ['ECC_NIST_P521', ecdsa('sha512', 'ECDSA_SHA_512', 64, 'secp521r1')],
]);

export interface NewKey {
  readonly spec: string;
  readonly usage: string | undefined;
  readonly description?: string;
  /** Chosen by the caller if the key must be found again after a restart. */
  readonly id?: string;
}

/** Keys and aliases of one account and region, stored in `file` (mode 0600) if given. */
export class KmsKeys {
  readonly #arnPrefix: string;
  readonly #file: string | undefined;
  readonly keys = new Map<string, KmsKey>();
  /** alias name (`alias/…`) → key id */
  readonly aliases = new Map<string, string>();

  constructor(arnPrefix: string, file: string | undefined) {
    this.#arnPrefix = arnPrefix;
    this.#file = file;
    if (file === undefined || !existsSync(file)) return;
    const stored = JSON.parse(readFileSync(file, 'utf8')) as {
      keys: KmsKey[];
      aliases: [string, string][];
    };
    for (const key of stored.keys) this.keys.set(key.id, key);
    for (const [name, id] of stored.aliases) this.aliases.set(name, id);
  }

  create({ spec, usage, description = '', id = randomUUID() }: NewKey, createdAt: number): KmsKey {
    const known = keySpecs.get(spec);
    if (known === undefined)
      throw new KmsError('UnsupportedOperationException', `KeySpec ${spec} is not offered here`);
    if (usage === undefined && known.usage !== 'ENCRYPT_DECRYPT')
      throw new KmsError(
        'ValidationException',
        'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
      );
    if (usage !== undefined && usage !== known.usage)
      throw new KmsError(
        'ValidationException',
        `KeyUsage ${usage} is not compatible with KeySpec ${spec}`,
      );
    const key: KmsKey = {
      id,
      arn: `${this.#arnPrefix}:key/${id}`,
      usage: known.usage,
      spec,
      description,
      createdAt,
      material: newMaterial(known),
      state: 'Enabled',
    };
    this.keys.set(id, key);
    this.save();
    return key;
  }

  /** By key id, key ARN, alias name or alias ARN, as every operation's KeyId allows. */
  find(keyId: unknown): KmsKey {
    if (typeof keyId !== 'string' || keyId === '')
      throw invalid("Value null at 'keyId' failed to satisfy constraint: Member must not be null");
    const name = keyId.startsWith('arn:') ? keyId.split(':').slice(5).join(':') : keyId;
    const id = name.startsWith('alias/') ? this.aliases.get(name) : name.replace(/^key\//, '');
    const key = id === undefined ? undefined : this.keys.get(id);
    if (key !== undefined) return key;
    throw new KmsError(
      'NotFoundException',
      name.startsWith('alias/')
        ? `Alias ${this.#arnPrefix}:${name} is not found.`
        : `Key '${keyId.startsWith('arn:') ? keyId : `${this.#arnPrefix}:key/${keyId}`}' does not exist`,
    );
  }

  aliasArn = (name: string): string => `${this.#arnPrefix}:${name}`;

  save(): void {
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true });
    const content = JSON.stringify({ keys: [...this.keys.values()], aliases: [...this.aliases] });
    writeFileSync(`${this.#file}.new`, content, { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function newMaterial({ curve, bytes }: KeySpec): string {
  if (curve === undefined) return randomBytes(bytes).toString('base64');
  const { privateKey } =
    curve === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: curve });
  return privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
}
