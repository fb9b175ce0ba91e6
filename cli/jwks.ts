import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import { algorithmOf, publicJwkOf, readClientKey } from './client-key.ts';
import { CommandFailure, exitCodes, runCommand } from './run-command.ts';

export const name = 'jwks';
export const summary = 'make a client key pair, and print the JWK Set to register';

const usage = `
Usage: npx mykey jwks --out FILE [--alg ES256|ES384|PS256|RS256]
       npx mykey jwks --key FILE [--alg ALG]

Prints the JWK Set (public keys only) that is registered with PUT /v1/services/{serviceId}/jwks.

  --out FILE  make a new key pair and write the private key here, as a JWK that only you can read;
              an existing file is never overwritten
  --alg ALG   ES256 (default), ES384, PS256 or RS256 (RSA-3072); with --key: what an RSA key signs by
              where its file does not say (default PS256)
  --key FILE  print the JWK Set of a private key that exists: JWK, or PEM
`;

export function run(argv: string[]): Promise<number> {
  return runCommand(name, usage, argv, async () => {
    const { values } = parseArgs({
      args: argv,
      options: {
        out: { type: 'string' },
        key: { type: 'string' },
        alg: { type: 'string' },
      },
    });
    if ((values.out === undefined) === (values.key === undefined)) {
      throw new CommandFailure('give either --out or --key', exitCodes.usage);
    }
    const jwk =
      values.key === undefined
        ? await writeNewKey(values.out!, values.alg ?? 'ES256')
        : await existingKey(values.key, values.alg);
    console.log(JSON.stringify({ keys: [jwk] }, null, 2));
    if (values.out !== undefined) console.error(`private key written to ${values.out}`);
    return exitCodes.ok;
  });
}

async function existingKey(path: string, alg: string | undefined) {
  const { privateKey, keyId, algorithm } = await readClientKey(path, alg);
  const publicJwk = publicJwkOf(privateKey);
  const kid = keyId ?? (await calculateJwkThumbprint(publicJwk));
  return { ...publicJwk, kid, alg: algorithm, use: 'sig' };
}

async function writeNewKey(path: string, algorithm: string) {
  const privateKey = generateKey(algorithm);
  const publicJwk = publicJwkOf(privateKey);
  const about = {
    kid: await calculateJwkThumbprint(publicJwk),
    alg: algorithmOf(privateKey, path, algorithm),
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
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey;
    default:
      throw new CommandFailure(`--alg ${algorithm} is not supported`, exitCodes.usage);
  }
}
