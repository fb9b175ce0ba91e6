import { afterAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProtectedHeader } from 'jose';
import { readClientKey } from '../../cli/client-key.ts';
import { fetchAccessToken } from '../../cli/platform-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'my-key-client-key-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const jwkOf = (key: typeof rsa, more: object = {}) =>
  JSON.stringify({ ...key.export({ format: 'jwk' }), ...more });
const pemOf = (key: typeof rsa) => key.export({ type: 'pkcs8', format: 'pem' }) as string;

function fileOf(content: string): string {
  const path = join(folder, 'key');
  writeFileSync(path, content);
  return path;
}

/** The header of the assertion that the key's owner sends. */
async function headerSent(content: string, alg?: string) {
  let form = '';
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => (form += chunk.toString()));
    request.on('end', () => response.end('{"access_token":"t","expires_in":600}'));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const key = await readClientKey(fileOf(content), alg);
    await fetchAccessToken({ url, clientId: 'cli_a', key });
  } finally {
    server.close();
    server.closeAllConnections();
  }
  return decodeProtectedHeader(new URLSearchParams(form).get('client_assertion')!);
}

describe('the key of a client', () => {
  it.each<[string, string, string | undefined, object]>([
    [
      'a JWK with alg and kid',
      jwkOf(rsa, { alg: 'RS256', kid: '2026-01' }),
      undefined,
      { alg: 'RS256', kid: '2026-01', typ: 'JWT' },
    ],
    [
      'a JWK Set',
      `{"keys":[${jwkOf(rsa, { alg: 'RS256', kid: 'b' })}]}`,
      undefined,
      { alg: 'RS256', kid: 'b', typ: 'JWT' },
    ],
    ['an RSA key without alg', jwkOf(rsa), undefined, { alg: 'PS256', typ: 'JWT' }],
    ['PEM with --alg', pemOf(rsa), 'RS256', { alg: 'RS256', typ: 'JWT' }],
    ['PEM of P-256', pemOf(p256), undefined, { alg: 'ES256', typ: 'JWT' }],
  ])('signs by what it says of itself: %s', async (_, content, alg, header) => {
    expect(await headerSent(content, alg)).toEqual(header);
  });

  it.each<[string, string, string | undefined, RegExp]>([
    ['an alg of another type', jwkOf(p256, { alg: 'RS256' }), undefined, /signs by ES256/],
    ['an alg that nobody takes', jwkOf(rsa, { alg: 'RS512' }), undefined, /PS256 or RS256/],
    ['--alg that does not fit', pemOf(p256), 'PS256', /signs by ES256/],
    [
      'a key that the platform does not take',
      pemOf(generateKeyPairSync('ed25519').privateKey),
      undefined,
      /P-256, P-384 or RSA/,
    ],
  ])('is refused with %s', async (_, content, alg, words) => {
    await expect(readClientKey(fileOf(content), alg)).rejects.toThrow(words);
  });
});
