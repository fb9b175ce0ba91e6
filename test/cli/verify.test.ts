import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run } from '../../cli/verify.ts';
import {
  list,
  type Outcome,
  outcomeOf,
  pem,
  person,
  pki,
  response,
} from '../conformance/verify-fixtures.ts';
import { now } from '../vectors/revocation-pki.ts';

const program = fileURLToPath(new URL('../../cli/mykey.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mykey-verify-'));
const { authority, otherGeneration } = pki;
const at = (file: string): string => join(folder, file);

const verify = (args: readonly string[]): Promise<Outcome> => outcomeOf(() => run([...args]));

const verifyFromStandardInput = (args: readonly string[], input: string): Outcome =>
  spawnSync(process.execPath, [program, 'verify', ...args], { encoding: 'utf8', input });

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
  writeFileSync(at('clean.crl'), list(false));
  writeFileSync(at('revoked.pem'), pem('X509 CRL', list(true)));
  writeFileSync(at('good.ocsp'), response('good'));
  writeFileSync(at('unknown.ocsp'), response('unknown'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('mykey verify', () => {
  it('reports valid and that revocation was not checked, without lists and responses', async () => {
    const { status, stdout } = await verify(about());
    expect(status).toBe(0);
    expect(stdout).toMatch(/^VALID {2}\(TOTAL-PASSED\)/);
    expect(stdout).toMatch(/revocation +not asked/);
  });

  it('reports good by the given list, with its age', async () => {
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

  it('does not let a list without the certificate override a responder’s unknown', async () => {
    const { status, stdout } = await verify(
      about('--ocsp', at('unknown.ocsp'), '--crl', at('clean.crl'), '--json'),
    );
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      revocation: { status: 'unknown', why: 'ocsp-status-unknown' },
    });
  });

  it('lets a list revoke a certificate that is unknown to the responder', async () => {
    const { status } = await verify(
      about('--ocsp', at('unknown.ocsp'), '--crl', at('revoked.pem')),
    );
    expect(status).toBe(1);
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
    expect(none).toMatchObject({ status: 65, stderr: expect.stringContaining('leaf.der: ') });
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

  it('ignores a key in the PEM file of a certificate', () => {
    const both = `${pem('PRIVATE KEY', Buffer.from('secret'))}${pem('CERTIFICATE', person.der)}`;
    expect(verifyFromStandardInput(['-', ...about().slice(1)], both).status).toBe(0);
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
    ['a policy that is no identifier', about('--policy', 'any')],
    ['a subtree that is none', about('--permit', 'example.com')],
  ])('exits with 64 for %s', async (_case, args) => {
    const { status, stderr } = await verify(args);
    expect(status).toBe(64);
    expect(stderr).toMatch(/^mykey verify: /);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('exits with 66 for a file that is not there', async () => {
    expect((await verify(about('--crl', at('nowhere.crl')))).status).toBe(66);
  });

  it.each([[['--lines', 'cases.jsonl']], [['--lines=-', '--algorithms', 'legacy']]])(
    'says in one line where %j went',
    async (args) => {
      const { status, stdout, stderr } = await verify(args);
      expect({ status, stdout, stderr }).toEqual({
        status: 64,
        stdout: '',
        stderr: 'mykey verify: --lines moved: npm run conformance -- --lines FILE\n',
      });
    },
  );

  it('explains itself', async () => {
    const { status, stdout } = await verify(['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/Usage: npx mykey verify/);
  });
});
