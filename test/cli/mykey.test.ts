import { describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createPublicKey, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { runCommand } from '../../cli/run-command.ts';

function mykey(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['cli/mykey.mjs', ...argv], (error, out, err) => {
      const { code } = (error ?? { code: 0 }) as { code: number };
      resolve({ code, out, err });
    });
  });
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'my-key-cli-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('npx mykey', () => {
  it('lists its commands', async () => {
    const { code, out } = await mykey('--help');
    expect(code).toBe(0);
    const commands = [...out.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name);
    expect(commands).toEqual([
      'verify',
      'crl',
      'bulk',
      'token',
      'jwks',
      'service',
      'person',
      'rights',
      'reseal',
      'smoke',
      'logs',
      'reader',
      'library',
      'attributes',
    ]);
  });

  it('reports an unknown command in one line', async () => {
    const { code, err } = await mykey('constructor');
    expect(code).toBe(64);
    expect(err).toBe('mykey: no command "constructor"; npx mykey --help lists them\n');
  });

  it.each([
    'verify',
    'crl',
    'bulk',
    'token',
    'jwks',
    'service',
    'smoke',
    'logs',
    'reader',
    'attributes',
  ])('tells how %s is used', async (command) => {
    const { code, out } = await mykey(command, '--help');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: npx mykey ${command} `));
  });

  it.each([
    ['an option that is none', ['token', '--clint', 'a'], 64, /Unknown option '--clint'/],
    ['an option that is missing', ['token', '--client', 'a'], 64, /--key is missing/],
    [
      'a key that is not there',
      ['token', '--client', 'a', '--key', '/none'],
      66,
      /mykey token: \/none: check the path: no such file/,
    ],
    ['a folder as key', ['token', '--client', 'a', '--key', 'cli'], 66, /give a file: this is a/],
    [
      'a key below a file',
      ['token', '--client', 'a', '--key', 'package.json/key'],
      66,
      /a part of it is no folder/,
    ],
    [
      'a trust profile that is none',
      ['verify', 'package.json', '--profile', 'package.json'],
      64,
      /trustProfile.version is not a known field/,
    ],
    ['no file', ['bulk', '--client', 'a', '--key', 'cli/bulk.ts'], 66, /not an unencrypted PEM/],
  ])('ends with a line and a code for %s', async (_, argv, code, line) => {
    const answer = await mykey(...argv);
    expect(answer).toMatchObject({ code, err: expect.stringMatching(line) });
    expect(answer.err).not.toContain('    at ');
  });

  it('reports an internal error as an error, never as a verdict', async () => {
    const complain = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const code = await runCommand('verify', 'Usage', [], () => {
      throw new TypeError('x is not a function');
    });
    expect(code).toBe(70);
    expect(complain).toHaveBeenCalledWith('mykey verify: x is not a function');
    complain.mockRestore();
  });

  it('reports that the platform does not answer', () =>
    inFolder(async (folder) => {
      const key = join(folder, 'key.jwk');
      await mykey('jwks', '--out', key);
      const url = 'http://127.0.0.1:9';
      const { code, err } = await mykey('token', '--client', 'a', '--key', key, '--url', url);
      expect({ code, err }).toMatchObject({ code: 69, err: expect.stringContaining(url) });
    }));
});

describe('npx mykey jwks', () => {
  it.each(['ES256', 'ES384', 'PS256'])('makes an %s key whose JWKS holds nothing private', (alg) =>
    inFolder(async (folder) => {
      const file = join(folder, 'client.jwk');
      const { code, out } = await mykey('jwks', '--out', file, '--alg', alg);
      expect(code).toBe(0);
      const { keys } = JSON.parse(out) as { keys: JWK[] };
      const jwk = keys[0]!;
      expect(jwk).toMatchObject({ alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) });
      expect(Object.keys(jwk)).not.toEqual(expect.arrayContaining(['d']));
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const key = JSON.parse(readFileSync(file, 'utf8')) as JWK;
      const own = createPublicKey(createPrivateKey({ key, format: 'jwk' }));
      expect(own.export({ format: 'jwk' })).toEqual(
        createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'jwk' }),
      );
    }),
  );

  it('gives the JWKS of a PEM key under its thumbprint, and overwrites no file', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'client.pem');
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
      writeFileSync(file, pem);
      const { out } = await mykey('jwks', '--key', file);
      const [jwk] = (JSON.parse(out) as { keys: JWK[] }).keys;
      expect(jwk!.kid).toBe(await calculateJwkThumbprint(jwk!));
      expect(await mykey('jwks', '--out', file)).toMatchObject({ code: 1 });
      expect(readFileSync(file, 'utf8')).toBe(pem);
    }));
});
