import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crlExtensions, buildCrl } from '../../sandbox/pki/build-crl.ts';
import type { BenchmarkCard, BenchmarkMaterial } from './cards.ts';

const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString('base64')
    .replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

/**
 * `openssl verify` with revocation by a list, without challenge signature and kind: microseconds
 * per certificate of a batch, without start-up. Undefined if openssl is not installed.
 */
export function opensslMicroseconds(material: BenchmarkMaterial): number | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'mykey-bench-'));
  try {
    const { issuer, now } = material;
    const cards = material.cards.slice(0, 1000);
    const crl = buildCrl(
      {
        issuer: issuer.name,
        thisUpdate: new Date(now - 3_600_000),
        nextUpdate: new Date(now + 86_400_000),
        extensions: [crlExtensions.crlNumber(1)],
      },
      issuer.signer,
    );
    writeFileSync(join(folder, 'ca.pem'), pem('CERTIFICATE', issuer.certificate));
    writeFileSync(join(folder, 'list.pem'), pem('X509 CRL', crl));
    const files = cards.map(({ certificate }, index) => {
      writeFileSync(join(folder, `${index}.pem`), pem('CERTIFICATE', certificate));
      return join(folder, `${index}.pem`);
    });
    const seconds = (names: readonly string[]): number | undefined => {
      const startedAt = process.hrtime.bigint();
      const { status, error } = spawnSync('openssl', [
        'verify',
        '-CAfile',
        join(folder, 'ca.pem'),
        '-CRLfile',
        join(folder, 'list.pem'),
        '-crl_check',
        '-attime',
        String(now / 1000),
        ...names,
      ]);
      if (error) return undefined;
      if (status !== 0) throw new Error('openssl verify refuses a card of the sandbox');
      return Number(process.hrtime.bigint() - startedAt) / 1e9;
    };
    const one = seconds(files.slice(0, 1));
    const all = seconds(files);
    if (one === undefined || all === undefined) return undefined;
    return ((all - one) / (files.length - 1)) * 1e6;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The JDK's PKIX CertPathValidator with parsed anchors, including parsing and the challenge
 * signature, without revocation and kind; warm, median, over these cards in turn. Undefined if java
 * is not installed.
 */
export function jdkMicroseconds(
  material: BenchmarkMaterial,
  cards: readonly BenchmarkCard[],
): number | undefined {
  const lines = [
    String(material.now),
    material.challenge.toString('base64'),
    material.issuer.certificate.toString('base64'),
    ...cards.flatMap(({ certificate, signature }) => [
      certificate.toString('base64'),
      signature.toString('base64'),
    ]),
  ];
  const source = fileURLToPath(new URL('ValidateCards.java', import.meta.url));
  const { status, stdout, stderr, error } = spawnSync('java', [source], {
    input: lines.join('\n'),
    encoding: 'utf8',
  });
  if (error) return undefined;
  if (status !== 0) throw new Error(`java: ${stderr}`);
  return Number(stdout.trim());
}
