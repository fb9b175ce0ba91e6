import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Authority } from '../../../sandbox/jlis/authority.ts';
import { openssl, pem, scratchDirectory } from './run-openssl.ts';

/** One row of OpenSSL's index: a certificate that it knows. */
export interface IndexRow {
  /** Hex. */
  readonly serial: string;
  /** RFC 3339. */
  readonly notAfter: string;
  readonly revoked?: { readonly at: Date; readonly reason: string };
}

/** `openssl ca` and `openssl ocsp` over an authority's key, in a directory of their own. */
export interface OpensslAuthority {
  /** A list by `openssl ca -gencrl`, DER, valid for a day. */
  generateCrl(): Promise<Buffer>;
  /** `openssl ocsp -port`, signing with the authority's key; answers are good for five minutes. */
  startResponder(): Promise<{ readonly url: string; stop(): Promise<void> }>;
  remove(): void;
}

export function opensslAuthority(
  authority: Authority,
  rows: readonly IndexRow[],
): OpensslAuthority {
  const directory = scratchDirectory();
  const certificate = directory.file('ca.pem', pem('CERTIFICATE', authority.certificate));
  const key = directory.file(
    'ca.key',
    authority.signer.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const index = directory.file('index.txt', rows.map(indexLine).join(''));
  directory.file('index.txt.attr', 'unique_subject = no\n');
  const configuration = directory.file(
    'ca.conf',
    [
      '[ca]',
      'default_ca = sandbox',
      '[sandbox]',
      `database = ${index}`,
      `certificate = ${certificate}`,
      `private_key = ${key}`,
      `crlnumber = ${directory.file('crlnumber', '2A\n')}`,
      'default_md = sha256',
      'default_crl_days = 1',
      'crl_extensions = list',
      '[list]',
      'authorityKeyIdentifier = keyid:always',
      '',
    ].join('\n'),
  );
  return {
    generateCrl: async () => {
      const out = `${directory.path}/list.der`;
      const list = `${directory.path}/list.pem`;
      await succeed('ca', '-config', configuration, '-gencrl', '-out', list);
      await succeed('crl', '-in', list, '-outform', 'DER', '-out', out);
      return readFileSync(out);
    },
    startResponder: () =>
      listen(['-index', index, '-CA', certificate, '-rsigner', certificate, '-rkey', key]),
    remove: () => directory.remove(),
  };
}

async function succeed(...args: readonly string[]): Promise<void> {
  const { code, output } = await openssl(...args);
  if (code !== 0) throw new Error(output);
}

/** Status, expiry, revocation, serial, file, subject: tab separated (ca(1), "THE DATABASE"). */
const indexLine = ({ serial, notAfter, revoked }: IndexRow): string =>
  [
    revoked ? 'R' : 'V',
    utcTime(new Date(notAfter)),
    revoked ? `${utcTime(revoked.at)},${revoked.reason}` : '',
    serial.toUpperCase(),
    'unknown',
    '/C=JP/CN=sandbox',
  ].join('\t') + '\n';

const utcTime = (at: Date): string => `${at.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`;

/** Starts on a port of the system's choice, which OpenSSL prints once it listens. */
async function listen(
  files: readonly string[],
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const responder = spawn('openssl', ['ocsp', '-port', '0', '-nmin', '5', ...files], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => {
    responder.once('close', () => resolve());
  });
  const port = await new Promise<string>((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = /ACCEPT .*:(\d+)/.exec(output)?.[1];
      if (found) resolve(found);
    };
    responder.stdout.on('data', read);
    responder.stderr.on('data', read);
    responder.once('close', () => reject(new Error(`openssl ocsp ended: ${output}`)));
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () => {
      responder.kill();
      return ended;
    },
  };
}
