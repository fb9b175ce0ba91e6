import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { certificateExtensions as ext } from '../../sandbox/pki/build-certificate.ts';
import { buildCrl, crlExtensions } from '../../sandbox/pki/build-crl.ts';
import { buildCertId, buildOcspResponse } from '../../sandbox/pki/build-ocsp.ts';
import { algorithmOf, signWith } from '../../sandbox/pki/signing.ts';
import { hours, now, seconds } from '../vectors/revocation-pki.ts';
import { run } from './command.ts';
import {
  base64,
  list,
  type Outcome,
  outcomeOf,
  pem,
  person,
  pki,
  response,
} from './verify-fixtures.ts';

const program = fileURLToPath(new URL('run.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
afterAll(() => rmSync(folder, { recursive: true }));
const { authority, otherGeneration, issue, name } = pki;

const fromStandardInput = (input: string): Outcome =>
  spawnSync(process.execPath, [program, '--lines', '-'], { encoding: 'utf8', input });

/** Reads the text out of a file, in this process. */
async function runText(content: string): Promise<Outcome> {
  const file = join(folder, 'cases.jsonl');
  writeFileSync(file, content);
  return outcomeOf(() => run(['--lines', file]));
}

const runCases = (...cases: readonly object[]): Promise<Outcome> =>
  runText(cases.map((one) => JSON.stringify(one)).join('\n'));

const wholeCase = () => ({
  certificate: base64(person.der),
  anchors: [base64(authority.der)],
  time: now,
});

async function verdictsOf(
  ...changes: readonly object[]
): Promise<{ readonly status: number | null; readonly verdicts: readonly string[] }> {
  const cases = changes.map((change) => ({ ...wholeCase(), ...change }));
  const { status, stdout } = await runCases(...cases);
  const verdicts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { verdict: string; asExpected?: boolean })
    .map(({ verdict, asExpected }) =>
      asExpected === undefined ? verdict : `${verdict} ${asExpected ? '' : 'not '}as expected`,
    );
  return { status, verdicts };
}

const revokes = (serial: number) => base64(response({ revokedAt: hours(-3) }, serial));

describe('npm run conformance -- --lines', () => {
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
    const { stdout } = await runCases(
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

  it('answers JSON Lines with one report a line, and the exit code with the expectations', async () => {
    const common = { certificate: base64(person.der), anchors: [base64(authority.der)], time: now };
    const lines = [
      { id: 'a', ...common, crls: [base64(list(false))], expected: 'valid' },
      { id: 'b', ...common, crls: [base64(list(true))], expected: 'invalid' },
      { id: 'c', ...common, crls: ['AAAA'], method: 'crl', expected: 'indeterminate' },
    ];
    const input = lines.map((line) => JSON.stringify(line)).join('\n');
    const { status, stdout, stderr } = fromStandardInput(input);
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
    const { status, stdout } = fromStandardInput(input);
    expect(stdout.match(/"code":"[a-z-]+"/g)).toEqual([
      '"code":"certificate-signature-invalid"',
      '"code":"certificate-malformed"',
    ]);
    expect(status).toBe(0);
  });

  it.each(['null', '7', '{"publicKey":"AAAA"}'])('exits with 64 for the line %s', (line) => {
    const { status, stderr } = fromStandardInput(line);
    expect(status).toBe(64);
    expect(stderr).toMatch(/^conformance: case 1 /);
  });

  it('exits with 1 when one case is not as expected', async () => {
    const line = {
      certs: [authority.der, person.der].map(base64),
      time: now,
      shouldValidate: false,
    };
    expect(fromStandardInput(JSON.stringify(line)).status).toBe(1);
  });

  it('answers a case before the next one has arrived', async () => {
    const child = spawn(process.execPath, [program, '--lines', '-']);
    const line = { ...wholeCase(), expected: 'valid' };
    child.stdin.write(`${JSON.stringify({ id: 'first', ...line })}\n`);
    const [answer] = (await once(child.stdout, 'data')) as [Buffer];
    expect(JSON.parse(answer.toString())).toMatchObject({ id: 'first', asExpected: true });
    child.stdin.end(JSON.stringify({ id: 'second', ...line }));
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends without a word when nobody reads on', async () => {
    const child = spawn(process.execPath, [program, '--lines', '-']);
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

  it('names the fields that it does not read, in the answer and beside the sums', async () => {
    const odd = { ...wholeCase(), requiredEKU: '1.2.3', title: 'Test 1', x_mine: 1 };
    const { stdout, stderr } = await runCases(odd, { ...wholeCase(), title: 'Test 2' });
    expect(JSON.parse(stdout.split('\n')[0]!)).toMatchObject({ unread: ['requiredEKU', 'title'] });
    expect(stderr).toMatch(/^fields that were not read: title \(2\), requiredEKU \(1\)\n2 cases: /);
  });

  it('takes a field that is null for one that is left out', async () => {
    const { verdicts } = await verdictsOf({ policies: null, crls: null, expected: null });
    expect(verdicts).toEqual(['valid']);
  });

  it.each([
    ['a flag that is a text', { explicitPolicy: 'true' }, 'explicitPolicy: Invalid input'],
    ['a number that is a text', { maximumIntermediates: '3' }, 'maximumIntermediates: '],
    ['a negative number', { maximumIntermediates: -1 }, 'maximumIntermediates: '],
    ['half a certificate on the way', { maximumIntermediates: 0.5 }, 'expected int'],
    ['an expectation that no verdict is', { expected: 'SUCCESS' }, 'expected: Invalid'],
    ['a nonce that is not hex', { nonce: 'zz' }, 'nonce: is not hex'],
    ['a policy that is no identifier', { policies: ['any'] }, 'any is not an object identifier'],
    ['an identifier in another form', { policies: ['1.02.3'] }, 'not an object identifier'],
    ['a purpose by name', { requiredEku: 'serverAuth' }, 'serverAuth is not an object identifier'],
    ['a hash by another name', { algorithms: { hashes: ['sha256'] } }, 'algorithms.hashes[0]: '],
    ['hashes as one text', { algorithms: { hashes: 'SHA-1' } }, 'expected array'],
    ['two questions', { publicKey: 'MAA=' }, 'has certificate and publicKey: one of them'],
    ['two trusted parties', { issuer: 'MAA=', crls: [] }, 'has issuer and anchors: one of them'],
    ['an unknown algorithm setting', { algorithms: { minRsa: 1 } }, 'minRsa'],
    ['algorithms as a list', { algorithms: [] }, 'algorithms: Invalid input: expected object'],
    [
      'a subtree without its form',
      { nameConstraints: { excluded: ['a.b'] } },
      'a.b is not a subtree',
    ],
    ['a time without an offset', { time: '2026-06-15T12:00:00' }, 'time is neither'],
    ['a day that there is not', { time: '2026-02-30T00:00:00Z' }, 'time is neither'],
    ['bytes that are not base64', { crls: ['<list>'] }, 'crls[0]: is neither base64 nor PEM'],
    ['one value where a list belongs', { anchors: 'MAA=' }, 'anchors: Invalid input'],
    ['PEM text without a value', { crls: ['-----BEGIN X509 CRL-----'] }, 'has no END line'],
    ['an object for an identifier', { id: {} }, 'id: Invalid input'],
  ])('refuses %s', async (_what, field, message) => {
    const { status, stdout, stderr } = await runCases(wholeCase(), { ...wholeCase(), ...field });
    expect(status).toBe(64);
    expect(stderr).toContain(message);
    // The case before it was answered.
    expect(stdout.split('\n')).toHaveLength(2);
  });

  describe('a certificate whose issuer is trusted as it is', () => {
    /** No CA by its own extensions: it has none. */
    const issuer = pki.selfSigned(name('Plain'), []);
    const device = issue(issuer, name('Device'), { serial: 4242, notAfter: hours(-1) });
    const listOf = (revoked: boolean) =>
      buildCrl(
        {
          issuer: issuer.name,
          thisUpdate: hours(-1),
          nextUpdate: hours(24),
          ...(revoked && { entries: [{ serial: 4242, revokedAt: hours(-3) }] }),
          extensions: [crlExtensions.crlNumber(1)],
        },
        issuer.signer,
      );
    const answer = (status: 'good' | { readonly revokedAt: Date }) =>
      buildOcspResponse(
        {
          responder: { byKey: issuer.spki },
          producedAt: seconds(-5),
          responses: [
            {
              certId: buildCertId({
                issuerName: issuer.name,
                issuerSpki: issuer.spki,
                serial: 4242,
              }),
              status,
              thisUpdate: seconds(-5),
            },
          ],
        },
        issuer.signer,
      );
    const about = { certificate: base64(device.der), issuer: base64(issuer.der), time: now };
    const reports = async (...changes: readonly object[]) => {
      const { stdout } = await runCases(...changes.map((change) => ({ ...about, ...change })));
      return stdout
        .trim()
        .split('\n')
        .map(
          (line) => JSON.parse(line) as { verdict: string; code?: string; asExpected?: boolean },
        );
    };

    it('is valid, invalid or indeterminate by its lists and responses', async () => {
      const answers = await reports(
        { crls: [base64(listOf(false))], expected: 'valid' },
        { crls: [base64(listOf(true))], expected: 'invalid' },
        { crls: [base64(list(false))], expected: 'indeterminate' },
        { crls: [], expected: 'indeterminate' },
        { ocspResponses: [base64(answer('good'))], expected: 'valid' },
        { ocspResponses: [base64(answer({ revokedAt: hours(-3) }))], expected: 'invalid' },
        { ocspResponses: [base64(response('good'))], expected: 'indeterminate' },
        { crls: [base64(listOf(false))], maximumAgeHours: 0.5, expected: 'indeterminate' },
      );
      expect(answers.map(({ asExpected }) => asExpected)).toEqual(answers.map(() => true));
      expect(answers[1]).toMatchObject({ code: 'certificate-revoked' });
      expect(answers[2]).toMatchObject({ revocation: { status: 'unknown' } });
    });

    it('would be refused under the same issuer as an anchor', async () => {
      const { stdout } = await runCases({
        certificate: about.certificate,
        anchors: [about.issuer],
        crls: [base64(listOf(false))],
        time: now,
      });
      expect(JSON.parse(stdout)).toMatchObject({ code: 'certificate-path-invalid' });
    });

    it('is of that issuer: its name and its signature are verified', async () => {
      const crls = [base64(listOf(false))];
      const forged = issue({ ...issuer, signer: authority.signer }, name('Device'), {
        serial: 4242,
      });
      expect(
        await reports(
          { crls, certificate: base64(forged.der) },
          { crls, certificate: base64(person.der) },
          { crls, certificate: 'AAAA' },
        ),
      ).toMatchObject([
        { verdict: 'invalid', code: 'certificate-signature-invalid' },
        { verdict: 'invalid', code: 'certificate-issuer-untrusted' },
        { verdict: 'invalid', code: 'certificate-malformed' },
      ]);
    });

    it.each([{}, { crls: [], method: 'none' }])('wants lists or responses: %j', async (change) => {
      const { status, stderr } = await runCases({ ...about, ...change });
      expect(status).toBe(64);
      expect(stderr).toContain('an issuer beside a certificate needs crls or ocspResponses');
    });
  });

  it('verifies a list by itself', async () => {
    const lines = await runCases({
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

  it.each([
    ['lines without a case', '\n'],
    ['lines that are not JSON', pem('CERTIFICATE', person.der)],
  ])('exits with 64 for %s', async (_what, content) => {
    const { status, stderr } = await runText(content);
    expect(status).toBe(64);
    expect(stderr).toMatch(/^conformance: /);
  });

  it('wants lines, and explains itself', async () => {
    expect(await outcomeOf(() => run([]))).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('npm run conformance -- --help'),
    });
    expect(await outcomeOf(() => run(['--help']))).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Usage: npm run conformance -- --lines FILE'),
    });
  });
});
