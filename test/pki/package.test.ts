import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  buildCertificate,
  buildName,
  certificateExtensions as ext,
} from '../../sandbox/pki/build-certificate.ts';
import { buildCrl, crlExtensions } from '../../sandbox/pki/build-crl.ts';
import { buildCertId, buildOcspResponse } from '../../sandbox/pki/build-ocsp.ts';
import { generateSigner, spkiOf } from '../../sandbox/pki/signing.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const minute = 60_000;
const at = (minutes: number): Date => new Date(Date.now() + minutes * minute);

/** The example in the engine's README. */
function example(): string {
  const page = readFileSync(join(repository, 'lambdas/pki/README.md'), 'utf8');
  return /```js\n([^]*?)```/.exec(page)![1]!;
}

/** A leaf certificate, its CA certificate, a CRL and an OCSP response, as files. */
function writeFiles(folder: string, revoked: boolean): void {
  const authority = { name: buildName(['O', 'Authority']), signer: generateSigner('P-256') };
  const spki = spkiOf(authority.signer);
  const validity = { notBefore: at(-60), notAfter: at(600) };
  const issued = { issuer: authority.name, ...validity };
  const files = {
    'ca.der': buildCertificate(
      {
        ...issued,
        serial: 1,
        subject: authority.name,
        spki,
        extensions: [ext.basicConstraints(true), ext.keyUsage('keyCertSign', 'cRLSign')],
      },
      authority.signer,
    ),
    'card.der': buildCertificate(
      {
        ...issued,
        serial: 4242,
        subject: buildName(['O', 'Card']),
        spki: spkiOf(generateSigner('P-256')),
      },
      authority.signer,
    ),
    'ca.crl': buildCrl(
      {
        issuer: authority.name,
        thisUpdate: at(-30),
        nextUpdate: at(30),
        entries: revoked ? [{ serial: 4242, revokedAt: at(-40) }] : [],
        extensions: [crlExtensions.crlNumber(1)],
      },
      authority.signer,
    ),
    'card.ocsp': buildOcspResponse(
      {
        responder: { byKey: spki },
        producedAt: at(-1),
        responses: [
          {
            certId: buildCertId({ issuerName: authority.name, issuerSpki: spki, serial: 4242 }),
            status: revoked ? { revokedAt: at(-40) } : 'good',
            thisUpdate: at(-1),
          },
        ],
      },
      authority.signer,
    ),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
}

describe('the engine as a package', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'engine-'));
    const pack = [join(repository, 'bin/pack-engine.ts'), join(folder, 'packed')];
    const packed = run(process.execPath, ['--no-warnings', ...pack]).trim();
    writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
    run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent', packed]);
    writeFileSync(join(folder, 'example.js'), example());
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (command: string, argv: readonly string[]): string =>
    execFileSync(command, argv, { cwd: folder, encoding: 'utf8' });

  it('validates a certificate by CRL and by OCSP, installed in an empty folder', () => {
    writeFiles(folder, false);
    expect(run(process.execPath, ['example.js'])).toBe('ocsp valid  good\ncrl valid  good\n');
    writeFiles(folder, true);
    expect(run(process.execPath, ['example.js'])).toBe(
      'ocsp invalid certificate-revoked revoked\ncrl invalid certificate-revoked revoked\n',
    );
  });

  it('has an example of about twenty lines', () => {
    expect(example().trim().split('\n').length).toBeLessThanOrEqual(25);
  });

  it('contains types that compile in strict mode', () => {
    const question =
      "import { decide, engineLimits, type RevocationStatus } from 'mykey-pki';\n" +
      'export const status = async (...asked: Parameters<typeof decide>): Promise<RevocationStatus> =>\n' +
      '  (await decide(...asked)).status;\n' +
      'export const octets: 65536 = engineLimits.certificateOctets;\n';
    writeFileSync(join(folder, 'typed.ts'), question);
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024'];
    const types = ['--types', 'node', '--typeRoots', join(repository, 'node_modules/@types')];
    const tsc = join(repository, 'node_modules/typescript/bin/tsc');
    run(process.execPath, [tsc, '--ignoreConfig', ...options, ...types, 'typed.ts']);
  }, 60_000);

  it('imports no Node module except node:crypto', () => {
    const built = readFileSync(join(folder, 'node_modules/mykey-pki/index.js'), 'utf8');
    const imported = [...built.matchAll(/^import .* from "(.*)";$/gm)].map((match) => match[1]);
    expect(new Set(imported)).toEqual(new Set(['node:crypto']));
  });
});
