import { parseArgs } from 'node:util';
import { jwksWithProofs } from './key-proofs.ts';
import { existingKey, writeNewKey } from './new-key.ts';
import { CommandFailure, exitCodes, runCommand } from './run-command.ts';

export const name = 'jwks';
export const summary = 'generate a client key pair and print the JWK Set to register';

const usage = `
Usage: npx mykey jwks --out FILE [--for SERVICE --url URL] [--alg ES256|ES384|PS256|RS256]
       npx mykey jwks --key FILE [--for SERVICE --url URL] [--alg ALG]

Prints the JWK Set (public keys only) that the operator registers. With --for it holds the proof that
you have the private key, without which no new key is registered.

  --out FILE     generate a key pair and write the private key here, as a JWK that only you can read;
                 an existing file is never overwritten
  --alg ALG      ES256 (default), ES384, PS256 or RS256 (RSA-3072); with --key: what an RSA key signs by
                 where its file does not say (default PS256)
  --key FILE     print the JWK Set of an existing private key: JWK or PEM
  --for SERVICE  the service's id; before it is registered, the name that it will have. The proof is good
                 for a week
  --url URL      the platform's address, as its operator names it (default http://localhost:8080)
`;

export function run(argv: string[]): Promise<number> {
  return runCommand(name, usage, argv, async () => {
    const { values } = parseArgs({
      args: argv,
      options: {
        out: { type: 'string' },
        key: { type: 'string' },
        alg: { type: 'string' },
        for: { type: 'string' },
        url: { type: 'string', default: 'http://localhost:8080' },
      },
    });
    if ((values.out === undefined) === (values.key === undefined)) {
      throw new CommandFailure('give either --out or --key', exitCodes.usage);
    }
    const key =
      values.key === undefined
        ? await writeNewKey(values.out!, values.alg ?? 'ES256')
        : await existingKey(values.key, values.alg);
    const set =
      values.for === undefined
        ? { keys: [key.jwk] }
        : await jwksWithProofs([key], {
            issuer: values.url.replace(/\/+$/, ''),
            subject: values.for,
            now: Date.now(),
          });
    console.log(JSON.stringify(set, null, 2));
    if (values.out !== undefined) console.error(`private key written to ${values.out}`);
    if (values.for === undefined) console.error('no proof in it: --for SERVICE adds it');
    return exitCodes.ok;
  });
}
