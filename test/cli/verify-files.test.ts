import { gzipSync } from 'node:zlib';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { run } from '../../cli/verify.ts';
import { buildCrl, crlExtensions } from '../../sandbox/pki/build-crl.ts';
import { hours, makeRevocationPki } from '../vectors/revocation-pki.ts';

const folder = mkdtempSync(join(tmpdir(), 'mykey-verify-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { authority, otherGeneration, leaf } = makeRevocationPki();
const person = leaf();
const armour = (label: string, der: Uint8Array): string => {
  const lines = Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
};

/** Revokes the person. */
const list = buildCrl(
  {
    issuer: authority.name,
    thisUpdate: hours(-1),
    nextUpdate: hours(24),
    entries: [{ serial: 4242, revokedAt: hours(-3), reason: 4 }],
    extensions: [crlExtensions.crlNumber(7)],
  },
  authority.signer,
);
/** Of a day before: revokes nobody. */
const before = buildCrl(
  {
    issuer: authority.name,
    thisUpdate: hours(-2),
    nextUpdate: hours(24),
    entries: [],
    extensions: [crlExtensions.crlNumber(6)],
  },
  authority.signer,
);
const pemList = armour('X509 CRL', list);
const key = armour(
  'PRIVATE KEY',
  person.signer.privateKey.export({ type: 'pkcs8', format: 'der' }),
);

const file = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const card = file('leaf.pem', armour('CERTIFICATE', person.der));
const anchor = file('ca.pem', armour('CERTIFICATE', authority.der));
const moment = hours(0).toISOString();

async function verify(...args: readonly string[]) {
  const printed: string[] = [];
  const spies = (['log', 'error'] as const).map((to) =>
    jest.spyOn(console, to).mockImplementation((line) => void printed.push(String(line))),
  );
  try {
    const status = await run([card, '--anchor', anchor, '--time', moment, ...args]);
    return { status, text: printed.join('\n') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('a list that revokes the card', () => {
  it('is heard as it is', async () => {
    const lineEnds = ['\r\n', '\r'].map((end) => pemList.replaceAll('\n', end));
    for (const content of [list, pemList, ...lineEnds, `text\n${pemList}`, `\ufeff${pemList}`]) {
      const { status, text } = await verify('--crl', file('list', content));
      expect([status, text]).toEqual([1, expect.stringContaining('certificate-revoked')]);
    }
  });

  const half = pemList.slice(0, pemList.length / 2);
  it.each<[string, Uint8Array | string, string]>([
    ['PEM cut before its END line', pemList.split('-----END')[0]!, 'has no END line'],
    ['PEM cut in the middle', half, 'has no END line'],
    ['PEM without its BEGIN line', pemList.split('\n').slice(1).join('\n'), 'this is'],
    ['a second list cut', `${pemList}${half}`, 'block 2'],
    ['a cut list before a whole one', `${half}\n${pemList}`, 'block 1'],
    [
      'a list behind another that lost its BEGIN and its end',
      `${armour('X509 CRL', before)}${half.replace('BEGIN', 'BEN')}`,
      'block 2 whole: its BEGIN line is damaged',
    ],
    [
      'a list without its label lines, behind another',
      `${armour('X509 CRL', before)}${list.toString('base64')}`,
      'damaged',
    ],
    ['one character lost', pemList.replace('\nM', '\n'), 'not whole base64'],
    ['DER cut', list.subarray(0, 100), 'give the whole CRL: it is cut, 100 of'],
    [
      'DER with octets behind',
      Buffer.concat([list, Buffer.alloc(3)]),
      'cut off the padding: 3 octets of zero after the CRL',
    ],
    ['DER of a certificate', person.der, 'give the CRL in its place: this is a certificate'],
    [
      'PEM of a certificate under another label',
      armour('X509 CRL', person.der),
      'this is a certificate',
    ],
    ['hexadecimal text', list.toString('hex'), 'hexadecimal'],
    ['gzip', gzipSync(list), 'gzip'],
    ['UTF-16', Buffer.from(`\ufeff${pemList}`, 'utf16le'), 'UTF-16'],
    ['base64 without PEM', list.toString('base64'), 'base64'],
    ['a stored ZIP archive', `PK\x03\x04\x14\0\0\0list.pem${pemList}`, 'this is a ZIP archive'],
    ['a tar archive', `${'list.pem'.padEnd(257, '\0')}ustar\0${pemList}`, 'this is a tar archive'],
    ['a PDF with PEM in it', `%PDF-1.7\n${pemList}`, 'this is a PDF'],
    ['PEM on one line', pemList.replaceAll('\n', '\\n'), 'write \\n as line breaks in block 1'],
    ['PEM in a quotation', pemList.replaceAll(/^/gm, '> '), 'on a line of its own'],
    ['PEM with other dashes', pemList.replaceAll('-----', '—'), 'this is text'],
    ['blanks', ' \r\n\t ', 'this is nothing but blanks'],
    ['an HTML page', '<!doctype html><title>503</title>', 'HTML'],
    ['nothing', '', 'empty'],
    ['a certificate', armour('CERTIFICATE', person.der), 'is a CERTIFICATE, not a list'],
    ['a key', key, 'is a PRIVATE KEY, not a list'],
    ['a list and a key', pemList + key, 'is a PRIVATE KEY, not a list'],
    ['a label of another tool', armour('PKCS7', list), 'is a PKCS7, not a list'],
  ])('is named where it cannot be read: %s', async (_what, content, words) => {
    const path = file('list', content);
    const { status, text } = await verify('--crl', path);
    expect([status, text]).toEqual([65, expect.stringContaining(words)]);
    expect(text).toContain(path);
    expect(text).not.toContain('VALID');
  });

  it('is refused as a folder, by its name', async () => {
    const { status, text } = await verify('--crl', folder);
    expect([status, text]).toEqual([
      66,
      expect.stringContaining(`${folder}: give a file: this is a folder`),
    ]);
  });

  it('is no list by another option', async () => {
    const { status, text } = await verify('--ocsp', file('list', pemList));
    expect([status, text]).toEqual([65, expect.stringContaining('not a response')]);
  });

  it('gives no verdict if another input cannot be read', async () => {
    const whole = file('whole', pemList);
    const { status } = await verify('--crl', whole, '--crl', file('cut', half));
    expect(status).toBe(65);
  });

  it('never yields valid, whichever octet is altered or removed', async () => {
    const seed = 2026;
    let state = seed;
    const random = (below: number): number =>
      (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) % below;
    for (let n = 0; n < 1_500; n++) {
      const original = n % 2 ? Buffer.from(pemList) : Buffer.from(list);
      const at = random(original.length);
      const mutants = [
        Buffer.concat([original.subarray(0, at), original.subarray(at + 1 + random(8))]),
        original.subarray(0, at),
        Buffer.concat([original.subarray(0, at), Buffer.of(random(256)), original.subarray(at)]),
        Buffer.from(original.map((octet, i) => (i === at ? octet ^ (1 << random(8)) : octet))),
      ];
      const { status } = await verify('--crl', file('mutant', mutants[n % 4]!));
      expect({ n, seed, status: status === 0 }).toEqual({ n, seed, status: false });
    }
  }, 120_000);
});

describe('a delta list', () => {
  const deltaUntil = (nextUpdate: Date) =>
    file(
      'delta.crl',
      buildCrl(
        {
          issuer: authority.name,
          thisUpdate: hours(-1),
          nextUpdate,
          entries: [],
          extensions: [crlExtensions.crlNumber(7), crlExtensions.deltaCrlIndicator(6)],
        },
        authority.signer,
      ),
    );
  const base = file('base.crl', before);

  it.each([
    ['is named beside the list that it is combined with', 24, 0, 'good, 60 min old'],
    ['that has expired is named as well', -0.5, 2, 'crl-stale, 60 min old'],
  ])('%s', async (_, until, exit, outcome) => {
    const delta = deltaUntil(hours(until));
    const { status, text } = await verify('--crl', base, '--crl', delta);
    expect(status).toBe(exit);
    expect(text).toContain(`crl ${base} with ${delta}: ${outcome}`);
    expect(text).not.toContain('unused');
  });
});

describe('other files', () => {
  it('of anchors and intermediates are used whole or named', async () => {
    const cut = armour('CERTIFICATE', otherGeneration.der).slice(0, 200);
    for (const option of ['--anchor', '--intermediate']) {
      const { status, text } = await verify(option, file('cut.pem', cut));
      expect([status, text]).toEqual([65, expect.stringContaining('cut.pem')]);
    }
  });

  it('may contain the key in addition to the certificate', async () => {
    const both = file('both.pem', key + armour('CERTIFICATE', authority.der));
    const { status } = await verify('--anchor', both, '--method', 'none');
    expect(status).toBe(0);
  });

  it('that contain only a key are refused as certificate', async () => {
    const { status, text } = await verify('--intermediate', file('key.pem', key));
    expect([status, text]).toEqual([65, expect.stringContaining('no certificate in it')]);
  });
});
