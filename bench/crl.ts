import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createListIssuer, generateCrl } from './generate-crl.ts';

interface Measured {
  readonly seconds: number;
  readonly peakMb: number;
}

const now = Date.now();
const runsOf = (entries: number): number => (entries > 5e6 ? 3 : 5);

/**
 * Lists of 1, 10 and 20 million entries: the cost in Node of reading and hashing, of scanning and
 * verifying, and of the complete build (pages and filter ready to write), compared with other
 * tools. Every measurement runs in its own process; medians of 3 or 5. `--entries N,N` for other
 * sizes.
 */
export async function run(argv: string[]): Promise<void> {
  const wanted = argv[argv.indexOf('--entries') + 1];
  const sizes = argv.includes('--entries') ? wanted!.split(',').map(Number) : [1e6, 10e6, 20e6];
  const folder = mkdtempSync(join(tmpdir(), 'mykey-bench-crl-'));
  try {
    const issuer = createListIssuer(now);
    const anchor = join(folder, 'anchor.pem');
    const base64 = issuer.certificate.toString('base64').replaceAll(/.{64}/g, '$&\n');
    writeFileSync(anchor, `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
    for (const entries of sizes) await measure(entries, 4);
    if (!argv.includes('--entries')) await measure(1e6, 16);

    async function measure(entries: number, serialOctets: 4 | 16): Promise<void> {
      const file = join(folder, 'list.crl');
      generateCrl(file, issuer, { entries, serialOctets, crlNumber: 5, now });
      const megabytes = Math.round(statSync(file).size / 1e6);
      const what = serialOctets === 4 ? '4-octet serials' : '16-octet serials, unsorted';
      console.log(`\n${entries / 1e6} million entries, ${what}, ${megabytes} MB`);
      const own = (mode: string) => median(runsOf(entries), () => runOwn(mode, file, anchor));
      const hash = own('hash');
      report('node: read + SHA-256', hash);
      const scan = own('scan');
      report('scan + verify', scan, hash);
      const build = own('build');
      report('complete build', build, hash);
      const openssl = timed('openssl', [
        'crl',
        '-inform',
        'DER',
        '-in',
        file,
        '-CAfile',
        anchor,
        '-noout',
        '-verify',
      ]);
      if (openssl) {
        report('openssl crl -verify', openssl, hash);
        compare('scan + verify', openssl, scan);
        compare('complete build', openssl, build);
      }
      for (const [name, command, args] of others(file, anchor, folder)) {
        const other = timed(command, args);
        if (!other) continue;
        report(name, other, hash);
        compare('complete build', other, build);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runOwn(mode: string, file: string, anchor: string): Measured {
  const script = new URL('./crl-worker.ts', import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', script, mode, file, anchor],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the measured process failed: ${stderr}`);
  return JSON.parse(stdout) as Measured;
}

/** The whole process under GNU time; undefined if the tool is missing or refuses. */
function timed(command: string, args: readonly string[]): Measured | undefined {
  const format = '%e %M';
  const { status, stderr } = spawnSync('/usr/bin/time', ['-f', format, command, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const figures = stderr?.trim().split('\n').at(-1)?.split(' ').map(Number);
  if (status !== 0 || !figures) {
    console.log(`  ${command}: not measured (missing, or it failed)`);
    return undefined;
  }
  return { seconds: figures[0]!, peakMb: figures[1]! / 1024 };
}

function others(
  file: string,
  anchor: string,
  folder: string,
): readonly (readonly [string, string, readonly string[]])[] {
  const python = [
    'import sys',
    'from cryptography import x509',
    'crl = x509.load_der_x509_crl(open(sys.argv[1], "rb").read())',
    'ca = x509.load_pem_x509_certificate(open(sys.argv[2], "rb").read())',
    'assert crl.is_signature_valid(ca.public_key())',
    'assert len(crl) > 0',
  ].join('\n');
  const java = [
    'import java.io.*; import java.security.cert.*;',
    'public class ReadCrl { public static void main(String[] a) throws Exception {',
    'var f = CertificateFactory.getInstance("X.509");',
    'var ca = f.generateCertificate(new FileInputStream(a[1]));',
    'var crl = (X509CRL) f.generateCRL(new BufferedInputStream(new FileInputStream(a[0])));',
    'crl.verify(ca.getPublicKey());',
    'if (crl.getRevokedCertificates().isEmpty()) throw new Exception(); } }',
  ].join('\n');
  const source = join(folder, 'ReadCrl.java');
  writeFileSync(source, java);
  return [
    ['Python cryptography', 'python3', ['-c', python, file, anchor]],
    ['JDK CertificateFactory', 'java', ['-Xmx16g', source, file, anchor]],
  ];
}

function median(runs: number, once: () => Measured): Measured {
  const all = Array.from({ length: runs }, once).toSorted((a, b) => a.seconds - b.seconds);
  return all[runs >> 1]!;
}

function report(name: string, { seconds, peakMb }: Measured, base?: Measured): void {
  const ratio = base ? `${(seconds / base.seconds).toFixed(1)} × read + hash` : '';
  console.log(
    `  ${name.padEnd(24)} ${seconds.toFixed(2).padStart(7)} s ${Math.round(peakMb).toString().padStart(6)} MB  ${ratio}`,
  );
}

const compare = (name: string, other: Measured, own: Measured): void =>
  console.log(
    `    ${name}: ${(other.seconds / own.seconds).toFixed(1)} times as fast, ${(100 * own.peakMb) / other.peakMb < 1 ? '<1' : Math.round((100 * own.peakMb) / other.peakMb)} % of the memory`,
  );
