import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import type { WantedKind } from '../lambdas/pki/validation/certificate-kind.ts';
import type { AlgorithmPolicy } from '../lambdas/pki/algorithm-policy.ts';
import { parseTrustProfile } from '../lambdas/platform/trust-profile-json.ts';
import type { TrustProfile } from '../lambdas/pki/trust-profile.ts';
import { validationReportJson } from '../lambdas/pki/validation/validation-report.ts';
import { createProgressBar } from './progress-bar.ts';
import { CommandFailure, exitCodes, runCommand } from './run-command.ts';
import { exitByVerdict, Tally } from '../test/conformance/tally.ts';
import { identifierFrom, octetsOf, timeOf } from '../test/conformance/case-fields.ts';
import { casesIn } from '../test/conformance/case-stream.ts';
import { derOf, unreadable, type NamedBytes, type WantedValue } from './named-bytes.ts';
import { type CaseReport, verifyCase, type VerifyCase } from '../test/conformance/verify-case.ts';
import {
  constraintsOf,
  curveNames,
  hashNames,
  impliedMethod,
  impliedScope,
  type ReadLine,
  readLine,
} from '../test/conformance/verify-lines.ts';
import { verifyResponse } from './verify-response.ts';
import { verifySigned } from './verify-signed.ts';
import { verifyList } from './verify-list.ts';
import { answerText, listLines, reportText } from './verify-text.ts';

export const name = 'verify';
export const summary = 'verify a certificate with its path, lists and OCSP responses, from files';

const usage = `
Usage: npx mykey verify CERTIFICATE --anchor FILE [options]
       npx mykey verify --ocsp FILE --issuer FILE [options]
       npx mykey verify --crl FILE --issuer FILE [options]
       npx mykey verify --lines FILE [options]

Nothing is fetched. Files are PEM or DER, "-" is standard input. A PEM file may hold several values;
of a CERTIFICATE file with several, the first is verified and the others are intermediates.

  --anchor FILE         trust anchor certificate; repeatable, like the next three
  --intermediate FILE   candidates for the path, for CRL issuers and OCSP responders
  --crl FILE            certificate revocation list
  --ocsp FILE           OCSP response
  --issuer FILE         without a CERTIFICATE: verify the OCSP response or the list by itself; the
                        issuer is trusted as it is, and every answer of a response must hold
  --method METHOD       none, ocsp, crl or auto (OCSP, then lists); auto where lists or responses are
                        given, otherwise none, and the report says that revocation was not asked
  --revocation-of WHOM  path (every certificate but the anchor) or leaf; leaf where only responses
                        are given
  --time TIME           RFC 3339; now unless told
  --policy OID          acceptable policy; repeatable; any unless told
  --explicit-policy  --inhibit-policy-mapping  --inhibit-any-policy
                        initial inputs of RFC 5280 §6.1.1
  --permit NAME  --exclude NAME
                        initial subtrees of the same clause, repeatable: dNSName:example.com,
                        rfc822Name:, uniformResourceIdentifier:, iPAddress:192.0.2.0/24, directoryName:
                        (base64 of its DER)
  --eku OID             key purpose that the leaf must allow
  --algorithms SET      current (RSA from 2048 bits, SHA-2, P-256, P-384, P-521, Ed25519) or legacy
                        (also RSA and DSA of 1024 bits, SHA-1, MD5), for old suites
  --min-rsa BITS  --hash NAME  --curve NAME
                        single settings of the same; --hash and --curve repeatable
  --max-intermediates N certificates between leaf and anchor at most (16)
  --issuance-rules      also refuse what RFC 5280 §4 and §5 forbid those who issue
  --profile FILE        trust profile (JSON): its anchors, algorithms, skew, ages and certificate kinds
  --kind KIND           user-authentication, digital-signature or any; with --profile
  --skew SECONDS        clock skew for thisUpdate and producedAt (the profile's, or 300)
  --max-age HOURS       oldest list or response that counts (the profile's, or no limit)
  --nonce HEX           nonce of the OCSP request; the response must repeat it
  --require-responder-status
                        refuse a delegated OCSP responder without ocsp-nocheck that no list covers
  --json                the report as JSON, one line
  --checks              list every check that ran
  --lines FILE          JSON Lines or a JSON array, one case each: id, certificate, intermediates,
                        anchors, crls, ocspResponses (base64 or PEM), time, method, policies,
                        explicitPolicy, requiredEku, expected, …; or issuer and one of ocspResponses or
                        crls; or publicKey, signatureAlgorithm, message, signature. docs/verify.md lists the
                        fields. PKITS names (certs, initialPolicySet, shouldValidate) do too.
                        Prints one JSON report a line: id, verdict, code, …, and asExpected where the
                        case says what it expects; progress and sums on stderr. What a case
                        leaves out comes from the options.

Exit code: 0 valid, 1 invalid, 2 indeterminate, 64 wrong usage, 65 a file is not what its option takes
(cut, of another kind, unreadable; nothing was judged), 66 a file cannot be opened, 70 a fault of the
command. With --lines: 0 when every case is valid or, where it says what it expects, as expected;
else 1, or 2 when only indeterminate ones stand against it.
`;

export function run(argv: string[]): Promise<number> {
  return runCommand(name, usage, argv, async () => {
    const { values, positionals } = parse(argv);
    const files = new Files();
    const profile = values.profile === undefined ? undefined : await readProfile(values.profile);
    const [certificate, ...others] = await files.readAll(positionals.slice(0, 1), 'certificate');
    const defaults = await caseFrom(values, certificate, others, files, profile);
    if (values.lines !== undefined) {
      return verifyLines(files.stream(values.lines), defaults);
    }
    if (values.issuer !== undefined) {
      if (certificate)
        throw usageFailure('--issuer is for a response or list without a certificate');
      if (defaults.crls.length + defaults.ocspResponses.length !== 1) {
        throw usageFailure('--issuer needs one --ocsp or one --crl');
      }
      const [issuer] = await files.readAll([values.issuer], 'certificate');
      if (!issuer) throw usageFailure('--issuer is empty');
      return verifyAlone(issuer, defaults, values.json);
    }
    if (!certificate) throw usageFailure('a certificate is missing');
    if (positionals.length > 1) throw usageFailure('one certificate at a time; see --lines');
    if (defaults.anchors.length === 0) throw usageFailure('--anchor or --profile is missing');
    const report = await verifyCase(defaults);
    const [unread] = report.ignored;
    if (unread !== undefined) {
      // What was given and could not be used might have been the list that revokes.
      throw unreadable(`${unread.source}: ${unread.code}, ${unread.detail}`);
    }
    console.log(
      values.json
        ? JSON.stringify(reportJson(report, defaults.time))
        : reportText(report, defaults.time, values.checks),
    );
    return exitByVerdict[report.verdict];
  });
}

function parse(argv: string[]) {
  return parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      anchor: { type: 'string', multiple: true, default: [] },
      intermediate: { type: 'string', multiple: true, default: [] },
      crl: { type: 'string', multiple: true, default: [] },
      ocsp: { type: 'string', multiple: true, default: [] },
      issuer: { type: 'string' },
      method: { type: 'string' },
      'revocation-of': { type: 'string' },
      time: { type: 'string' },
      policy: { type: 'string', multiple: true },
      'explicit-policy': { type: 'boolean', default: false },
      'inhibit-policy-mapping': { type: 'boolean', default: false },
      'inhibit-any-policy': { type: 'boolean', default: false },
      permit: { type: 'string', multiple: true },
      exclude: { type: 'string', multiple: true },
      eku: { type: 'string' },
      algorithms: { type: 'string', default: 'current' },
      'min-rsa': { type: 'string' },
      hash: { type: 'string', multiple: true },
      curve: { type: 'string', multiple: true },
      'issuance-rules': { type: 'boolean', default: false },
      'max-intermediates': { type: 'string' },
      profile: { type: 'string' },
      kind: { type: 'string' },
      skew: { type: 'string' },
      'max-age': { type: 'string' },
      nonce: { type: 'string' },
      'require-responder-status': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      checks: { type: 'boolean', default: false },
      lines: { type: 'string' },
    },
  });
}

type Options = ReturnType<typeof parse>['values'];

const nothing: NamedBytes = { source: 'nothing', bytes: new Uint8Array(0) };

async function caseFrom(
  values: Options,
  certificate: NamedBytes | undefined,
  others: readonly NamedBytes[],
  files: Files,
  profile: TrustProfile | undefined,
): Promise<VerifyCase> {
  const crls = await files.readAll(values.crl, 'list');
  const ocspResponses = await files.readAll(values.ocsp, 'response');
  const method = oneOf(values.method, ['none', 'ocsp', 'crl', 'auto'], '--method');
  const scope = oneOf(values['revocation-of'], ['leaf', 'path'], '--revocation-of');
  const anchors = await files.readAll(values.anchor, 'certificate');
  return {
    certificate: certificate ?? nothing,
    intermediates: [...others, ...(await files.readAll(values.intermediate, 'certificate'))],
    anchors: [
      ...anchors,
      ...(profile?.anchors ?? []).map(({ id, certificate: { der } }) => ({
        source: id,
        bytes: der,
      })),
    ],
    crls,
    ocspResponses,
    method: method ?? impliedMethod({ method: 'none' }, crls, ocspResponses),
    revocationOf: scope ?? impliedScope({ revocationOf: 'path' }, crls, ocspResponses),
    time: values.time === undefined ? Date.now() : timeOf(values.time, '--time'),
    algorithms: algorithmsFrom(values, profile),
    policies: values.policy?.map((id) => identifierFrom(id, '--policy')),
    explicitPolicy: values['explicit-policy'],
    inhibitPolicyMapping: values['inhibit-policy-mapping'],
    inhibitAnyPolicy: values['inhibit-any-policy'],
    nameConstraints:
      values.permit || values.exclude
        ? constraintsOf(values.permit, values.exclude, '--permit, --exclude')
        : undefined,
    requiredEku: values.eku === undefined ? undefined : identifierFrom(values.eku, '--eku'),
    issuanceRules: values['issuance-rules'],
    maximumIntermediates:
      values['max-intermediates'] === undefined
        ? undefined
        : number(values['max-intermediates'], '--max-intermediates'),
    clockSkewMs: values.skew === undefined ? undefined : number(values.skew, '--skew') * 1000,
    maximumAgeMs:
      values['max-age'] === undefined
        ? undefined
        : number(values['max-age'], '--max-age') * 3_600_000,
    nonce: values.nonce === undefined ? undefined : octetsOf(values.nonce, '--nonce'),
    requireResponderStatus: values['require-responder-status'],
    kind: kindFrom(values, profile, anchors),
  };
}

function kindFrom(
  values: Options,
  profile: TrustProfile | undefined,
  anchors: readonly NamedBytes[],
): VerifyCase['kind'] {
  const kinds: readonly WantedKind[] = ['user-authentication', 'digital-signature', 'any'];
  const wanted = oneOf(values.kind, kinds, '--kind');
  if (!profile) {
    if (wanted) throw usageFailure('--kind needs --profile, which says how kinds are told apart');
    return undefined;
  }
  if (anchors.length > 0)
    throw usageFailure('--profile brings its own anchors; leave --anchor out');
  return { wanted: wanted ?? 'any', profile };
}

const current: AlgorithmPolicy = {
  minimumRsaBits: 2048,
  curves: curveNames,
  hashes: ['SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'],
};
const legacy: AlgorithmPolicy = {
  minimumRsaBits: 1024,
  minimumDsaBits: 1024,
  curves: curveNames,
  hashes: hashNames,
};

function algorithmsFrom(values: Options, profile: TrustProfile | undefined): AlgorithmPolicy {
  const set = oneOf(values.algorithms, ['current', 'legacy'], '--algorithms');
  const base = set === 'legacy' ? legacy : (profile?.algorithms ?? current);
  return {
    ...base,
    ...(values['min-rsa'] !== undefined && {
      minimumRsaBits: number(values['min-rsa'], '--min-rsa'),
    }),
    ...(values.hash && {
      hashes: values.hash.map((one) => oneOf(one, hashNames, '--hash')!),
    }),
    ...(values.curve && {
      curves: values.curve.map((one) => oneOf(one, curveNames, '--curve')!),
    }),
  };
}

/** The only response or list of the question, by itself. */
const reportAlone = async (issuer: NamedBytes, question: VerifyCase) =>
  question.ocspResponses[0]
    ? verifyResponse(question.ocspResponses[0], issuer, question)
    : verifyList(question.crls[0]!, issuer, question);

async function verifyAlone(
  issuer: NamedBytes,
  question: VerifyCase,
  asJson: boolean,
): Promise<number> {
  const report = await reportAlone(issuer, question);
  const { verdict, code } = report;
  const lines = 'answers' in report ? report.answers.map(answerText) : listLines(report);
  console.log(
    asJson
      ? JSON.stringify(report)
      : [`${verdict.toUpperCase()}${code ? `  ${code}` : ''}`, ...lines].join('\n  '),
  );
  return exitByVerdict[verdict];
}

/** Answers each case as it arrives; one that cannot be read ends the call behind the answers before it. */
async function verifyLines(
  chunks: AsyncIterable<Uint8Array>,
  defaults: VerifyCase,
): Promise<number> {
  const tally = new Tally();
  const bar = createProgressBar({ label: 'verify', unit: 'cases' });
  try {
    for await (const arrived of casesIn(chunks)) {
      const line = readLine(arrived, tally.cases + 1, defaults);
      const { id, question, expected, issuer, signed, unread } = line;
      const report = signed
        ? verifySigned(signed, question.algorithms)
        : await reportOf(question, issuer);
      const asExpected = expected === undefined ? undefined : isAsExpected(report, line);
      console.log(
        JSON.stringify({
          id,
          ...report,
          ...(expected !== undefined && { expected, asExpected }),
          ...(unread.length > 0 && { unread }),
        }),
      );
      tally.add(report.verdict, asExpected);
      // On a terminal the answers themselves are the progress.
      if (!process.stdout.isTTY) bar.update(tally.cases);
    }
  } finally {
    bar.stop();
  }
  // A suite that came out empty has not passed.
  if (tally.cases === 0) throw usageFailure('there is no case in the lines');
  console.error(tally.summary);
  return tally.exitCode;
}

function isAsExpected(
  report: { readonly verdict: CaseReport['verdict']; readonly policies?: readonly string[] },
  { expected, expectedPolicies }: ReadLine,
): boolean {
  const { verdict, policies = [] } = report;
  if (expected === 'not valid') return verdict !== 'valid';
  if (expected !== verdict) return false;
  // The set is sorted; a path that was refused has none.
  return (
    verdict !== 'valid' ||
    expectedPolicies === undefined ||
    expectedPolicies.toSorted().join() === policies.join()
  );
}

async function reportOf(question: VerifyCase, issuer: NamedBytes | undefined) {
  if (!issuer) return reportJson(await verifyCase(question), question.time);
  return reportAlone(issuer, question);
}

const reportJson = (report: CaseReport, now: number) => ({
  ...validationReportJson(report, now),
  policies: report.userConstrainedPolicySet,
  ...(report.ignored.length > 0 && { ignored: report.ignored }),
});

/** Reads files, and standard input once. */
class Files {
  private standardInputTaken = false;

  async read(path: string): Promise<Buffer> {
    return path === '-' ? buffer(this.standardInput()) : readFile(path);
  }

  /** In pieces, as they come. */
  stream(path: string): AsyncIterable<Uint8Array> {
    return path === '-' ? this.standardInput() : createReadStream(path, { highWaterMark: 1 << 20 });
  }

  private standardInput(): NodeJS.ReadStream {
    if (this.standardInputTaken) throw usageFailure('standard input can be read only once');
    this.standardInputTaken = true;
    return process.stdin;
  }

  /** Every value of every file; a file that yields none ends the command. */
  async readAll(paths: readonly string[], wanted: WantedValue): Promise<readonly NamedBytes[]> {
    const read: NamedBytes[] = [];
    for (const path of paths) read.push(...derOf(await this.read(path), path, wanted));
    return read;
  }
}

async function readProfile(path: string): Promise<TrustProfile> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw usageFailure(`${path} is not JSON`);
    throw error;
  }
  // A deployment.json holds its trust profile inside.
  return parseTrustProfile((json as { trustProfile?: unknown } | null)?.trustProfile ?? json);
}

function oneOf<const T extends string>(
  value: string | undefined,
  allowed: readonly T[],
  option: string,
): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw usageFailure(`${option} is one of ${allowed.join(', ')}`);
  return found;
}

function number(value: string, option: string): number {
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed) || parsed < 0) {
    throw usageFailure(`${option} is not a number`);
  }
  return parsed;
}

const usageFailure = (message: string): CommandFailure =>
  new CommandFailure(message, exitCodes.usage);
