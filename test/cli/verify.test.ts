import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { run } from '../../cli/verify.ts';
import { certificateExtensions as ext } from '../../sandbox/pki/build-certificate.ts';
import { buildCrl, crlExtensions } from '../../sandbox/pki/build-crl.ts';
import { buildCertId, buildOcspResponse } from '../../sandbox/pki/build-ocsp.ts';
import { algorithmOf, signWith } from '../../sandbox/pki/signing.ts';
import { hours, makeRevocationPki, now, type Party, seconds } from '../vectors/revocation-pki.ts';

const program = fileURLToPath(new URL('../../cli/mykey.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mykey-verify-'));
const { authority, otherGeneration, leaf, issue, name } = makeRevocationPki();
const person = leaf();
const at = (file: string): string => join(folder, file);
const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64');
const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${base64(der)}\n-----END ${label}-----\n`;

const list = (revoked: boolean, signer = authority.signer): Buffer =>
  buildCrl(
    {
      issuer: authority.name,
      thisUpdate: hours(-1),
      nextUpdate: hours(24),
      ...(revoked && { entries: [{ serial: 4242, revokedAt: hours(-3), reason: 4 }] }),
      extensions: [crlExtensions.crlNumber(7)],
    },
    signer,
  );

/** About one serial of the authority, by itself or by a delegate that it embeds. */
const response = (
  status: 'good' | 'unknown' | { readonly revokedAt: Date },
  about = 4242,
  delegate?: Party,
): Buffer =>
  buildOcspResponse(
    {
      responder: { byKey: (delegate ?? authority).spki },
      producedAt: seconds(-5),
      responses: [
        {
          certId: buildCertId({
            issuerName: authority.name,
            issuerSpki: authority.spki,
            serial: about,
          }),
          status,
          thisUpdate: seconds(-5),
        },
      ],
      ...(delegate && { certificates: [delegate.der] }),
    },
    (delegate ?? authority).signer,
  );

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process; what it prints is caught. */
async function verify(args: readonly string[]): Promise<Outcome> {
  const printed: string[] = [];
  const complained: string[] = [];
  const log = jest
    .spyOn(console, 'log')
    .mockImplementation((line) => void printed.push(`${line}\n`));
  const error = jest
    .spyOn(console, 'error')
    .mockImplementation((line) => void complained.push(`${line}\n`));
  try {
    const status = await run([...args]);
    return { status, stdout: printed.join(''), stderr: complained.join('') };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}

const verifyFromStandardInput = (args: readonly string[], input: string): Outcome =>
  spawnSync(process.execPath, [program, 'verify', ...args], { encoding: 'utf8', input });

/** Reads the cases out of a file, in this process. */
async function verifyLines(...cases: readonly object[]): Promise<Outcome> {
  writeFileSync(at('cases.jsonl'), cases.map((one) => JSON.stringify(one)).join('\n'));
  return verify(['--lines', at('cases.jsonl')]);
}

const wholeCase = () => ({
  certificate: base64(person.der),
  anchors: [base64(authority.der)],
  time: now,
});

async function verdictsOf(
  ...changes: readonly object[]
): Promise<{ readonly status: number | null; readonly verdicts: readonly string[] }> {
  const cases = changes.map((change) => ({ ...wholeCase(), ...change }));
  const { status, stdout } = await verifyLines(...cases);
  const verdicts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { verdict: string; asExpected?: boolean })
    .map(({ verdict, asExpected }) =>
      asExpected === undefined ? verdict : `${verdict} ${asExpected ? '' : 'not '}as expected`,
    );
  return { status, verdicts };
}

const listAlone = (issuer: string, file: string, time = now.toISOString()): Promise<Outcome> =>
  verify(['--crl', at(file), '--issuer', at(issuer), '--time', time]);

const alone = (issuer: string, file: string): Promise<Outcome> =>
  verify(['--ocsp', at(file), '--issuer', at(issuer), '--time', now.toISOString()]);

const about = (...more: readonly string[]): readonly string[] => [
  at('leaf.der'),
  '--anchor',
  at('anchor.pem'),
  '--time',
  now.toISOString(),
  ...more,
];

beforeAll(() => {
  writeFileSync(at('leaf.der'), person.der);
  writeFileSync(at('anchor.pem'), pem('CERTIFICATE', authority.der));
  writeFileSync(at('other.pem'), pem('CERTIFICATE', otherGeneration.der));
  writeFileSync(at('empty.jsonl'), '\n');
  writeFileSync(at('clean.crl'), list(false));
  writeFileSync(at('revoked.pem'), pem('X509 CRL', list(true)));
  writeFileSync(at('good.ocsp'), response('good'));
  writeFileSync(at('unknown.ocsp'), response('unknown'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('mykey verify', () => {
  it('says valid, and that revocation was not asked, without lists and responses', async () => {
    const { status, stdout } = await verify(about());
    expect(status).toBe(0);
    expect(stdout).toMatch(/^VALID {2}\(TOTAL-PASSED\)/);
    expect(stdout).toMatch(/revocation +not asked/);
  });

  it('says good by the list that was given, and how old it is', async () => {
    const { status, stdout } = await verify(about('--crl', at('clean.crl')));
    expect(status).toBe(0);
    expect(stdout).toMatch(/good, by crl[^]*clean\.crl: good, 60 min old/);
  });

  it('exits with 1 for a revoked certificate and names date and reason', async () => {
    const { status, stdout } = await verify(about('--crl', at('revoked.pem')));
    expect(status).toBe(1);
    expect(stdout).toMatch(/^INVALID {2}certificate-revoked {2}\(TOTAL-FAILED, REVOKED\)/);
    expect(stdout).toMatch(/revoked 2026-06-15T09:00:00Z, superseded, by crl/);
  });

  it('exits with 2 when the list is too old to say', async () => {
    const { status, stdout } = await verify(about('--crl', at('clean.crl'), '--max-age', '0.5'));
    expect(status).toBe(2);
    expect(stdout).toMatch(/^INDETERMINATE {2}revocation-unknown {2}\(INDETERMINATE, TRY_LATER\)/);
  });

  it('takes an OCSP response alone', async () => {
    const { status, stdout } = await verify(about('--ocsp', at('good.ocsp'), '--json'));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'valid',
      revocation: { status: 'good', evidence: { method: 'ocsp' } },
    });
  });

  it('lets a clean list not outweigh the responder that does not know the certificate', async () => {
    const { status, stdout } = await verify(
      about('--ocsp', at('unknown.ocsp'), '--crl', at('clean.crl'), '--json'),
    );
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      revocation: { status: 'unknown', why: 'ocsp-status-unknown' },
    });
  });

  it('lets a list accuse a certificate that the responder does not know', async () => {
    const { status } = await verify(
      about('--ocsp', at('unknown.ocsp'), '--crl', at('revoked.pem')),
    );
    expect(status).toBe(1);
  });

  it('takes no word of a delegate, or list of a signer, that a response at hand revokes', async () => {
    const delegate = issue(authority, name('Responder'), {
      serial: 9,
      extensions: [ext.keyUsage('digitalSignature'), ext.extendedKeyUsage('1.3.6.1.5.5.7.3.9')],
    });
    const signer = issue(authority, authority.name, {
      serial: 10,
      extensions: [ext.keyUsage('cRLSign')],
    });
    const answers = {
      certificate: base64(person.der),
      anchors: [base64(authority.der)],
      time: now,
      method: 'auto',
    };
    const byDelegate = base64(response('good', 4242, delegate));
    const bySigner = {
      ...answers,
      intermediates: [base64(signer.der)],
      crls: [base64(list(false, signer.signer))],
    };
    const revokes = (serial: number) => base64(response({ revokedAt: hours(-3) }, serial));
    const { stdout } = await verifyLines(
      { ...answers, ocspResponses: [byDelegate] },
      { ...answers, ocspResponses: [byDelegate, revokes(9)] },
      { ...bySigner, ocspResponses: [revokes(11)] },
      { ...bySigner, ocspResponses: [revokes(10)] },
    );
    const verdicts = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).verdict);
    expect(verdicts).toEqual(['valid', 'indeterminate', 'valid', 'indeterminate']);
  });

  it('verifies a response by itself, against its issuer', async () => {
    expect(await alone('anchor.pem', 'good.ocsp')).toMatchObject({
      status: 0,
      stdout: 'VALID\n  good\n',
    });
    expect(await alone('other.pem', 'good.ocsp')).toMatchObject({ status: 2 });
    expect((await alone('anchor.pem', 'unknown.ocsp')).stdout).toMatch(/ocsp-status-unknown/);
  });

  it('verifies a list by itself, against its issuer', async () => {
    const held = await listAlone('anchor.pem', 'revoked.pem');
    expect(held).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^VALID\n {2}1 entry, of/),
    });
    const stranger = await listAlone('other.pem', 'clean.crl');
    expect(stranger.status).toBe(2);
    expect(stranger.stdout).toMatch(/crl-signature-invalid/);
    const late = await listAlone('anchor.pem', 'clean.crl', '2050-01-01T00:00:00Z');
    expect(late.stdout).toMatch(/^INDETERMINATE {2}revocation-unknown\n {2}crl-stale/);
    const none = await listAlone('anchor.pem', 'leaf.der');
    expect(none.stdout).toMatch(/crl-malformed, \w+/);
    const lines = await verifyLines({
      issuer: base64(authority.der),
      crls: [base64(list(true))],
      time: now,
      expected: 'valid',
    });
    expect(JSON.parse(lines.stdout)).toMatchObject({
      asExpected: true,
      crlNumber: '7',
      entries: 1,
    });
  });

  it('wants the nonce of the request in the response', async () => {
    const { status, stdout } = await verify(about('--ocsp', at('good.ocsp'), '--nonce', 'aabb'));
    expect(status).toBe(2);
    expect(stdout).toMatch(/ocsp-nonce-mismatch/);
  });

  it('names the failing check with its clause', async () => {
    const { status, stdout } = await verify([
      ...about().filter((arg) => arg !== now.toISOString()),
      '2050-01-01T00:00:00Z',
      '--checks',
    ]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/certificate-expired[^]*RFC 5280/);
  });

  it('refuses another generation under the same name', async () => {
    const { status, stdout } = await verify([
      at('leaf.der'),
      '--anchor',
      at('other.pem'),
      '--time',
      now.toISOString(),
      '--json',
    ]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'invalid', path: [] });
  });

  it('reads a certificate from standard input', async () => {
    const { status } = verifyFromStandardInput(
      ['-', ...about().slice(1)],
      pem('CERTIFICATE', person.der),
    );
    expect(status).toBe(0);
  });

  it('puts no name and no serial into the report', async () => {
    const { stdout } = await verify(about('--crl', at('revoked.pem'), '--json'));
    expect(stdout).not.toMatch(/Person|4242|1092/);
  });

  it('answers JSON Lines with one report a line, and the exit code with the expectations', async () => {
    const common = { certificate: base64(person.der), anchors: [base64(authority.der)], time: now };
    const lines = [
      { id: 'a', ...common, crls: [base64(list(false))], expected: 'valid' },
      { id: 'b', ...common, crls: [base64(list(true))], expected: 'invalid' },
      { id: 'c', ...common, crls: ['AAAA'], method: 'crl', expected: 'indeterminate' },
    ];
    const input = lines.map((line) => JSON.stringify(line)).join('\n');
    const { status, stdout, stderr } = verifyFromStandardInput(['--lines', '-'], input);
    const reports = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(reports.map(({ id, verdict, asExpected }) => [id, verdict, asExpected])).toEqual([
      ['a', 'valid', true],
      ['b', 'invalid', true],
      ['c', 'indeterminate', true],
    ]);
    expect(reports[2]).toMatchObject({ ignored: [{ code: 'crl-malformed' }] });
    expect(stderr).toBe('3 cases: 1 valid, 1 invalid, 1 indeterminate; 3 as expected, 0 not\n');
    expect(status).toBe(0);
  });

  it('verifies a bare signature', () => {
    const message = Buffer.from('challenge');
    const common = {
      publicKey: base64(authority.spki),
      signatureAlgorithm: base64(algorithmOf('ecdsa-sha256')),
      signature: base64(signWith(authority.signer, message)),
    };
    const lines = [
      { ...common, message: base64(message), expected: 'valid' },
      { ...common, message: base64(Buffer.from('another')), expected: 'invalid' },
      { ...common, message: '', publicKey: 'MAA=', expected: 'invalid' },
    ];
    const input = lines.map((line) => JSON.stringify(line)).join('\n');
    const { status, stdout } = verifyFromStandardInput(['--lines', '-'], input);
    expect(stdout.match(/"code":"[a-z-]+"/g)).toEqual([
      '"code":"certificate-signature-invalid"',
      '"code":"certificate-malformed"',
    ]);
    expect(status).toBe(0);
  });

  it('passes over the key that a PEM file holds beside its certificate', () => {
    const both = `${pem('PRIVATE KEY', Buffer.from('secret'))}${pem('CERTIFICATE', person.der)}`;
    expect(verifyFromStandardInput(['-', ...about().slice(1)], both).status).toBe(0);
  });

  it.each(['null', '7', '{"publicKey":"AAAA"}'])('exits with 64 for the line %s', (line) => {
    const { status, stderr } = verifyFromStandardInput(['--lines', '-'], line);
    expect(status).toBe(64);
    expect(stderr).toMatch(/^mykey verify: case 1 /);
  });

  it('exits with 1 when one case is not as expected', async () => {
    const line = {
      certs: [authority.der, person.der].map(base64),
      time: now,
      shouldValidate: false,
    };
    expect(verifyFromStandardInput(['--lines', '-'], JSON.stringify(line)).status).toBe(1);
  });

  it('answers a case before the next one has arrived', async () => {
    const child = spawn(process.execPath, [program, 'verify', '--lines', '-']);
    const line = { ...wholeCase(), expected: 'valid' };
    child.stdin.write(`${JSON.stringify({ id: 'first', ...line })}\n`);
    const [answer] = (await once(child.stdout, 'data')) as [Buffer];
    expect(JSON.parse(answer.toString())).toMatchObject({ id: 'first', asExpected: true });
    child.stdin.end(JSON.stringify({ id: 'second', ...line }));
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends without a word when nobody reads on', async () => {
    const child = spawn(process.execPath, [program, 'verify', '--lines', '-']);
    const complaints = text(child.stderr);
    child.stdin.on('error', () => {});
    child.stdout.destroy();
    child.stdin.end(`${JSON.stringify(wholeCase())}\n`.repeat(50));
    expect(await once(child, 'exit')).toEqual([141, null]);
    expect(await complaints).toBe('');
  });

  it('holds a case to the conditions that it states itself', async () => {
    const good = base64(response('good'));
    const { status, verdicts } = await verdictsOf(
      { skewSeconds: 5, time: seconds(-10), ocspResponses: [good] },
      { skewSeconds: 4, time: seconds(-10), ocspResponses: [good] },
      { maximumAgeHours: 1, crls: [base64(list(false))] },
      { maximumAgeHours: 0.9, crls: [base64(list(false))] },
      { nameConstraints: { permitted: [`directoryName:${base64(person.name)}`] } },
      { nameConstraints: { permitted: [`directoryName:${base64(authority.name)}`] } },
      { requiredEku: '1.3.6.1.5.5.7.3.2' },
      { maximumIntermediates: 0 },
      { explicitPolicy: true },
      { expectedPolicies: [], expected: 'valid' },
      { expectedPolicies: ['1.2.3'], expected: 'valid' },
      { expected: false },
    );
    expect(verdicts.join(', ')).toBe(
      'valid, indeterminate, valid, indeterminate, valid, invalid, valid, valid, invalid, ' +
        'valid as expected, valid not as expected, valid not as expected',
    );
    expect(status).toBe(1);
  });

  it('takes several values out of one PEM text', async () => {
    const both = pem('CERTIFICATE', otherGeneration.der) + pem('CERTIFICATE', authority.der);
    const { verdicts } = await verdictsOf(
      { anchors: [both] },
      { certificate: pem('CERTIFICATE', person.der) + both },
    );
    expect(verdicts).toEqual(['valid', 'valid']);
  });

  it('lists the fields that it does not read', async () => {
    const { stdout } = await verifyLines({ ...wholeCase(), title: 'Test 1', _source: 'suite' });
    expect(JSON.parse(stdout)).toMatchObject({ unread: ['title', '_source'] });
  });

  it.each([
    ['an unknown field that is nearly a known one', { intermediate: [] }, 'intermediate; perhaps'],
    ['a known field in other case', { requiredEKU: '1.2.3' }, 'requiredEKU; perhaps requiredEku'],
    ['a flag that is a text', { explicitPolicy: 'true' }, 'explicitPolicy is neither true'],
    ['a number that is a text', { maximumIntermediates: '3' }, 'maximumIntermediates'],
    ['a negative number', { maximumIntermediates: -1 }, 'maximumIntermediates'],
    ['half a certificate on the way', { maximumIntermediates: 0.5 }, 'not a whole number'],
    ['an expectation that no verdict is', { expected: 'SUCCESS' }, 'expected is none of valid'],
    ['a nonce that is not hex', { nonce: 'zz' }, 'nonce is not hex'],
    ['a policy that is no identifier', { policies: ['any'] }, 'any is no object identifier'],
    ['an identifier in another form', { policies: ['1.02.3'] }, 'no object identifier'],
    ['a purpose by name', { requiredEku: 'serverAuth' }, 'serverAuth is no object identifier'],
    ['a hash by another name', { algorithms: { hashes: ['sha256'] } }, 'hashes holds sha256'],
    ['hashes as one text', { algorithms: { hashes: 'SHA-1' } }, 'hashes is not a list'],
    ['two questions', { issuer: 'MAA=' }, 'has certificate and issuer: one of them'],
    ['an unknown algorithm setting', { algorithms: { minRsa: 1 } }, 'has no field minRsa'],
    ['algorithms as a list', { algorithms: [] }, 'algorithms is not an object'],
    ['a subtree without its form', { nameConstraints: { excluded: ['a.b'] } }, 'a.b is no subtree'],
    ['a time without an offset', { time: '2026-06-15T12:00:00' }, 'time is neither'],
    ['a day that there is not', { time: '2026-02-30T00:00:00Z' }, 'time is neither'],
    ['bytes that are not base64', { crls: ['<list>'] }, 'crls[0] is neither base64 nor PEM'],
    ['one value where a list belongs', { anchors: 'MAA=' }, 'anchors is not a list'],
    ['PEM text without a value', { crls: ['-----BEGIN X509 CRL-----'] }, 'has no END line'],
    ['an object for an identifier', { id: {} }, 'id is neither text nor number'],
  ])('refuses %s', async (_what, field, message) => {
    const { status, stdout, stderr } = await verifyLines(wholeCase(), { ...wholeCase(), ...field });
    expect(status).toBe(64);
    expect(stderr).toContain(message);
    // The case before it was answered.
    expect(stdout.split('\n')).toHaveLength(2);
  });

  it.each([
    ['no anchor', [at('leaf.der')]],
    ['no certificate', ['--anchor', at('anchor.pem')]],
    ['an option that does not exist', about('--frobnicate')],
    ['a method that does not exist', about('--method', 'magic')],
    ['a time that is none', [...about('--time', 'soon')]],
    ['a kind without a profile', about('--kind', 'any')],
    ['a nonce that is not hex', about('--nonce', 'xyz')],
    ['a profile that is not JSON', [at('leaf.der'), '--profile', at('anchor.pem')]],
    ['an issuer without a response', ['--issuer', at('anchor.pem')]],
    [
      'an issuer with two responses',
      ['--issuer', at('anchor.pem'), '--ocsp', at('good.ocsp'), '--ocsp', at('unknown.ocsp')],
    ],
    ['lines without a case', ['--lines', at('empty.jsonl')]],
    ['a policy that is no identifier', about('--policy', 'any')],
    ['a subtree that is none', about('--permit', 'example.com')],
    ['lines that are not JSON', ['--lines', at('anchor.pem')]],
  ])('exits with 64 for %s', async (_case, args) => {
    const { status, stderr } = await verify(args);
    expect(status).toBe(64);
    expect(stderr).toMatch(/^mykey verify: /);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('exits with 66 for a file that is not there', async () => {
    expect((await verify(about('--crl', at('nowhere.crl')))).status).toBe(66);
  });

  it('explains itself', async () => {
    const { status, stdout } = await verify(['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/Usage: npx mykey verify/);
  });
});
