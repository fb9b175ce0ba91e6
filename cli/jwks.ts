import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import { algorithmOf, publicJwkOf, readClientKey } from './client-key.ts';
import { CommandFailure, exitCodes, runCommand } from './run-command.ts';

export const name = 'jwks';
export const summary = 'make a client key pair, and print the JWK Set to register';

const usage = `
Usage: npx mykey jwks --out FILE [--alg ES256|ES384|PS256]
       npx mykey jwks --key FILE

Prints the JWK Set (public keys only) that is registered with PUT /v1/services/{serviceId}/jwks.

  --out FILE  make a new key pair and write the private key here, as a JWK that only you can read;
              an existing file is never overwritten
  --alg ALG   ES256 (default), ES384 or PS256 (RSA-3072)
  --key FILE  print the JWK Set of a private key that exists: JWK, or PEM
`;

export function run(argv: string[]): Promise<number> {
  return runCommand(name, usage, argv, async () => {
    const { values } = parseArgs({
      args: argv,
      options: {
        out: { type: 'string' },
        key: { type: 'string' },
        alg: { type: 'string', default: 'ES256' },
      },
    });
    if ((values.out === undefined) === (values.key === undefined)) {
      throw new CommandFailure('give either --out or --key', exitCodes.usage);
    }
    const jwk =
      values.key === undefined
        ? await writeNewKey(values.out!, generateKey(values.alg))
        : await existingKey(values.key);
    console.log(JSON.stringify({ keys: [jwk] }, null, 2));
    if (values.out !== undefined) console.error(`private key written to ${values.out}`);
    return exitCodes.ok;
  });
}

async function existingKey(path: string) {
  const { privateKey, keyId, algorithm } = await readClientKey(path);
  return { ...publicJwkOf(privateKey), kid: keyId, alg: algorithm, use: 'sig' };
}

async function writeNewKey(path: string, privateKey: KeyObject) {
  const publicJwk = publicJwkOf(privateKey);
  const about = {
    kid: await calculateJwkThumbprint(publicJwk),
    alg: algorithmOf(privateKey, path),
    use: 'sig',
  };
  const privateJwk = { ...privateKey.export({ format: 'jwk' }), ...about };
  try {
    await writeFile(path, `${JSON.stringify(privateJwk, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new CommandFailure(`${path} exists and stays as it is`, exitCodes.failed, {
      cause: error,
    });
  }
  return { ...publicJwk, ...about };
}

/** RSA-3072: 128 bits of strength like P-256 (NIST SP 800-57 part 1, table 2). */
function generateKey(algorithm: string): KeyObject {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    case 'PS256':
      return generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey;
    default:
      throw new CommandFailure(`--alg ${algorithm} is not supported`, exitCodes.usage);
  }
}
