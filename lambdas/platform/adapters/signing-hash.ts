import {
  createHash,
  createHmac,
  createSecretKey,
  type Hash,
  type Hmac,
  KeyObject,
} from 'node:crypto';

type Secret = string | ArrayBuffer | ArrayBufferView;

/**
 * SHA-256, or with a secret HMAC-SHA-256, for the AWS SDK's setting `sha256`, with which it signs every
 * request (Signature Version 4). The SDK's own passes the secret as octets, and Node then throws and catches
 * exceptions to find out that they are no KeyObject. Here a secret becomes a KeyObject once.
 */
export class SigningHash {
  readonly #key: KeyObject | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: Secret) {
    this.#key = secret === undefined ? undefined : keyOf(secret);
    this.#hash = hashUnder(this.#key);
  }

  update(octets: Uint8Array): void {
    this.#hash.update(octets);
  }

  /** Once; after it, only `reset` may be called. */
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    this.#hash = hashUnder(this.#key);
  }
}

const hashUnder = (key: KeyObject | undefined): Hash | Hmac =>
  key === undefined ? createHash('sha256') : createHmac('sha256', key);

/** The SDK keeps a day's signing key and passes the same octets again. */
const keysOfOctets = new WeakMap<ArrayBuffer | ArrayBufferView, KeyObject>();
/** The secret access key, which each signature uses; its successor replaces it. */
let ofText: { readonly secret: string; readonly key: KeyObject } | undefined;

function keyOf(secret: Secret): KeyObject {
  if (typeof secret === 'string') {
    if (ofText?.secret !== secret) ofText = { secret, key: createSecretKey(secret, 'utf8') };
    return ofText.key;
  }
  let key = keysOfOctets.get(secret);
  if (key === undefined) {
    const octets = ArrayBuffer.isView(secret)
      ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
      : new Uint8Array(secret);
    key = createSecretKey(octets);
    keysOfOctets.set(secret, key);
  }
  return key;
}
