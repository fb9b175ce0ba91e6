import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hash,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { signDigest, verifyDigest } from './ecdsa-digest.ts';
import { KmsError, invalid } from './kms-error.ts';
import { type KeySpec, type KeyUsage, type KmsKey, type KmsKeys, keySpecs } from './kms-keys.ts';

type Input = Readonly<Record<string, unknown>>;
type Operation = (keys: KmsKeys, input: Input, now: () => number) => object;

/** KMS limits a message to sign or MAC, and a plaintext to encrypt, to 4,096 bytes. */
const messageLimit = 4096;

/** The supported operations, by their name in `X-Amz-Target: TrentService.<name>`. */
export const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  [
    'CreateKey',
    (keys, input, now) => {
      const spec = text(input, 'KeySpec') ?? text(input, 'CustomerMasterKeySpec');
      const key = keys.create(
        {
          spec: spec ?? 'SYMMETRIC_DEFAULT',
          usage: text(input, 'KeyUsage'),
          description: text(input, 'Description') ?? '',
        },
        now(),
      );
      return { KeyMetadata: metadata(key) };
    },
  ],
  ['DescribeKey', (keys, input) => ({ KeyMetadata: metadata(keys.find(input['KeyId'])) })],
  [
    'ListKeys',
    (keys) => ({
      Keys: [...keys.keys.values()].map((key) => ({ KeyId: key.id, KeyArn: key.arn })),
      Truncated: false,
    }),
  ],
  ['EnableKey', (keys, input) => changeState(keys, input, 'Enabled')],
  ['DisableKey', (keys, input) => changeState(keys, input, 'Disabled')],
  [
    'ScheduleKeyDeletion',
    (keys, input, now) => {
      const days = input['PendingWindowInDays'] ?? 30;
      if (typeof days !== 'number' || days < 7 || days > 30)
        throw invalid("Value at 'pendingWindowInDays' must be between 7 and 30");
      const key = keys.find(input['KeyId']);
      if (key.state === 'PendingDeletion') throw wrongState(key);
      key.state = 'PendingDeletion';
      key.deletionAt = now() + days * 86_400_000;
      keys.save();
      return { KeyId: key.arn, DeletionDate: key.deletionAt / 1000, KeyState: key.state };
    },
  ],
  [
    'CancelKeyDeletion',
    (keys, input) => {
      const key = keys.find(input['KeyId']);
      if (key.state !== 'PendingDeletion') throw wrongState(key);
      key.state = 'Disabled';
      delete key.deletionAt;
      keys.save();
      return { KeyId: key.arn };
    },
  ],
  [
    'CreateAlias',
    (keys, input) => {
      const name = aliasName(input);
      if (keys.aliases.has(name))
        throw new KmsError('AlreadyExistsException', `An alias with the name ${name} exists`);
      return pointAlias(keys, name, input);
    },
  ],
  ['UpdateAlias', (keys, input) => pointAlias(keys, existingAlias(keys, input), input)],
  [
    'DeleteAlias',
    (keys, input) => {
      keys.aliases.delete(existingAlias(keys, input));
      keys.save();
      return {};
    },
  ],
  [
    'ListAliases',
    (keys) => ({
      Aliases: [...keys.aliases].map(([name, id]) => ({
        AliasName: name,
        AliasArn: keys.aliasArn(name),
        TargetKeyId: id,
      })),
      Truncated: false,
    }),
  ],
  [
    'GenerateMac',
    (keys, input) => {
      const key = usable(keys, input, 'GENERATE_VERIFY_MAC');
      const MacAlgorithm = algorithmOf(key, input, 'MacAlgorithm');
      return { KeyId: key.arn, Mac: macOf(key, input).toString('base64'), MacAlgorithm };
    },
  ],
  [
    'VerifyMac',
    (keys, input) => {
      const key = usable(keys, input, 'GENERATE_VERIFY_MAC');
      const MacAlgorithm = algorithmOf(key, input, 'MacAlgorithm');
      const expected = macOf(key, input);
      const given = blob(input, 'Mac', 6144);
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        throw new KmsError('KMSInvalidMacException', 'The MAC is not valid for the message');
      return { KeyId: key.arn, MacValid: true, MacAlgorithm };
    },
  ],
  [
    'Sign',
    (keys, input) => {
      const key = usable(keys, input, 'SIGN_VERIFY');
      const SigningAlgorithm = algorithmOf(key, input, 'SigningAlgorithm');
      const signature =
        curveOf(key) === 'ed25519'
          ? sign(null, rawMessageOf(key, input), privateKeyOf(key))
          : signDigest(digestOf(key, input), privateKeyOf(key), curveOf(key));
      return { KeyId: key.arn, Signature: signature.toString('base64'), SigningAlgorithm };
    },
  ],
  [
    'Verify',
    (keys, input) => {
      const key = usable(keys, input, 'SIGN_VERIFY');
      const SigningAlgorithm = algorithmOf(key, input, 'SigningAlgorithm');
      const signature = blob(input, 'Signature', 6144);
      const isValid =
        curveOf(key) === 'ed25519'
          ? verify(null, rawMessageOf(key, input), createPublicKey(privateKeyOf(key)), signature)
          : verifyDigest(digestOf(key, input), signature, privateKeyOf(key), curveOf(key));
      if (!isValid)
        throw new KmsError('KMSInvalidSignatureException', 'The signature is not valid');
      return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm };
    },
  ],
  [
    'GetPublicKey',
    (keys, input) => {
      const key = usable(keys, input, 'SIGN_VERIFY');
      const der = createPublicKey(privateKeyOf(key)).export({ type: 'spki', format: 'der' });
      return {
        KeyId: key.arn,
        PublicKey: der.toString('base64'),
        CustomerMasterKeySpec: key.spec,
        KeySpec: key.spec,
        KeyUsage: key.usage,
        SigningAlgorithms: [specOf(key).algorithm],
      };
    },
  ],
  [
    'Encrypt',
    (keys, input) => {
      const key = usable(keys, input, 'ENCRYPT_DECRYPT');
      const plaintext = blob(input, 'Plaintext', messageLimit);
      return {
        KeyId: key.arn,
        CiphertextBlob: seal(key, plaintext, input).toString('base64'),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    },
  ],
  [
    'Decrypt',
    (keys, input) => {
      const sealed = blob(input, 'CiphertextBlob', 6144);
      const id = sealed.subarray(1, 1 + (sealed[0] ?? 0)).toString('latin1');
      if (!keys.keys.has(id))
        throw new KmsError('InvalidCiphertextException', 'The ciphertext is not of this account');
      const key = usable(keys, { KeyId: id }, 'ENCRYPT_DECRYPT');
      if (input['KeyId'] !== undefined && keys.find(input['KeyId']) !== key)
        throw new KmsError(
          'IncorrectKeyException',
          'The key ID in the request does not identify the key of the ciphertext',
        );
      return {
        KeyId: key.arn,
        Plaintext: open(key, sealed, input).toString('base64'),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    },
  ],
  [
    'GenerateDataKey',
    (keys, input) => {
      const key = usable(keys, input, 'ENCRYPT_DECRYPT');
      const plaintext = randomBytes(dataKeyLength(input));
      return {
        KeyId: key.arn,
        Plaintext: plaintext.toString('base64'),
        CiphertextBlob: seal(key, plaintext, input).toString('base64'),
      };
    },
  ],
]);

function metadata(key: KmsKey): object {
  const spec = specOf(key);
  const offered = {
    ENCRYPT_DECRYPT: { EncryptionAlgorithms: [spec.algorithm] },
    SIGN_VERIFY: { SigningAlgorithms: [spec.algorithm] },
    GENERATE_VERIFY_MAC: { MacAlgorithms: [spec.algorithm] },
  }[key.usage];
  return {
    AWSAccountId: key.arn.split(':')[4],
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: key.createdAt / 1000,
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    ...(key.deletionAt === undefined ? {} : { DeletionDate: key.deletionAt / 1000 }),
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    MultiRegion: false,
    ...offered,
  };
}

function changeState(keys: KmsKeys, input: Input, state: 'Enabled' | 'Disabled'): object {
  const key = keys.find(input['KeyId']);
  if (key.state === 'PendingDeletion') throw wrongState(key);
  key.state = state;
  keys.save();
  return {};
}

/**
 * The key, if its state and usage allow the operation; refusals in the order in which KMS checks.
 */
function usable(keys: KmsKeys, input: Input, usage: KeyUsage): KmsKey {
  const key = keys.find(input['KeyId']);
  if (key.state === 'Disabled') throw new KmsError('DisabledException', `${key.arn} is disabled.`);
  if (key.state === 'PendingDeletion') throw wrongState(key);
  if (key.usage !== usage)
    throw new KmsError(
      'InvalidKeyUsageException',
      `${key.arn} key usage is ${key.usage} which is not valid for this operation.`,
    );
  return key;
}

const wrongState = (key: KmsKey): KmsError =>
  new KmsError(
    'KMSInvalidStateException',
    `${key.arn} is ${key.state === 'PendingDeletion' ? 'pending deletion' : key.state}.`,
  );

function algorithmOf(key: KmsKey, input: Input, field: string): string {
  const asked = text(input, field);
  if (asked === undefined)
    throw invalid(`Value null at '${field}' failed to satisfy constraint: Member must not be null`);
  if (asked !== specOf(key).algorithm)
    throw new KmsError(
      'InvalidKeyUsageException',
      `Algorithm ${asked} is incompatible with key spec ${key.spec}.`,
    );
  return asked;
}

function macOf(key: KmsKey, input: Input): Buffer {
  const message = blob(input, 'Message', messageLimit);
  return createHmac(specOf(key).hash, Buffer.from(key.material, 'base64')).update(message).digest();
}

/** Ed25519 signs the message itself: KMS takes MessageType RAW only with ED25519_SHA_512. */
function rawMessageOf(key: KmsKey, input: Input): Buffer {
  if ((text(input, 'MessageType') ?? 'RAW') !== 'RAW')
    throw new KmsError(
      'ValidationException',
      `MessageType must be RAW for algorithm ${specOf(key).algorithm}.`,
    );
  return blob(input, 'Message', messageLimit);
}

function digestOf(key: KmsKey, input: Input): Buffer {
  const { hash: algorithm, bytes } = specOf(key);
  const type = text(input, 'MessageType') ?? 'RAW';
  const message = blob(input, 'Message', messageLimit);
  if (type === 'RAW') return hash(algorithm, message, 'buffer');
  if (type !== 'DIGEST') throw invalid("Value at 'messageType' must be one of [RAW, DIGEST]");
  if (message.length !== bytes)
    throw new KmsError(
      'ValidationException',
      `Digest is invalid length for algorithm ${specOf(key).algorithm}.`,
    );
  return message;
}

function seal(key: KmsKey, plaintext: Buffer, input: Input): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), iv);
  cipher.setAAD(contextOf(input));
  const id = Buffer.from(key.id, 'latin1');
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.from([id.length]), id, iv, cipher.getAuthTag(), body]);
}

function open(key: KmsKey, sealed: Buffer, input: Input): Buffer {
  const rest = sealed.subarray(1 + (sealed[0] ?? 0));
  try {
    const raw = Buffer.from(key.material, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', raw, rest.subarray(0, 12));
    decipher.setAAD(contextOf(input));
    decipher.setAuthTag(rest.subarray(12, 28));
    return Buffer.concat([decipher.update(rest.subarray(28)), decipher.final()]);
  } catch {
    throw new KmsError('InvalidCiphertextException', 'The ciphertext or its context is wrong');
  }
}

/** The encryption context is bound to the ciphertext independently of the order of its pairs. */
function contextOf(input: Input): Buffer {
  const context = (input['EncryptionContext'] ?? {}) as Record<string, string>;
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify(pairs));
}

function dataKeyLength(input: Input): number {
  const { KeySpec: spec, NumberOfBytes: bytes } = input;
  if (spec === 'AES_256') return 32;
  if (spec === 'AES_128') return 16;
  if (typeof bytes === 'number' && bytes >= 1 && bytes <= 1024) return bytes;
  throw new KmsError('ValidationException', 'Please specify either number of bytes or key spec.');
}

function aliasName(input: Input): string {
  const name = text(input, 'AliasName');
  if (name === undefined || !/^alias\/[\w/-]{1,250}$/.test(name) || name.startsWith('alias/aws/'))
    throw new KmsError('InvalidAliasNameException', 'An alias is alias/ and 1 to 250 characters');
  return name;
}

function existingAlias(keys: KmsKeys, input: Input): string {
  const name = aliasName(input);
  if (keys.aliases.has(name)) return name;
  throw new KmsError('NotFoundException', `Alias ${keys.aliasArn(name)} is not found.`);
}

function pointAlias(keys: KmsKeys, name: string, input: Input): object {
  keys.aliases.set(name, keys.find(input['TargetKeyId']).id);
  keys.save();
  return {};
}

function specOf(key: KmsKey): KeySpec {
  const spec = keySpecs.get(key.spec);
  if (spec === undefined) throw new Error(`stored key has the unknown spec ${key.spec}`);
  return spec;
}

const privateKeyOf = (key: KmsKey) =>
  createPrivateKey({ key: Buffer.from(key.material, 'base64'), format: 'der', type: 'pkcs8' });
const curveOf = (key: KmsKey): string => specOf(key).curve ?? '';

function text(input: Input, field: string): string | undefined {
  const value = input[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new KmsError('SerializationException', `${field}: a string`);
  return value;
}

function blob(input: Input, field: string, limit: number): Buffer {
  const bytes = Buffer.from(text(input, field) ?? '', 'base64');
  if (bytes.length >= 1 && bytes.length <= limit) return bytes;
  const at = `${field.charAt(0).toLowerCase()}${field.slice(1)}`;
  throw invalid(
    `Value at '${at}' failed to satisfy constraint: ` +
      `Member must have length ${bytes.length === 0 ? 'greater' : 'less'} than or equal to ` +
      String(bytes.length === 0 ? 1 : limit),
  );
}
