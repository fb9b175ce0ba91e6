import { parseArgs } from 'node:util';
import { validationReportJson } from '../lambdas/pki/validation/validation-report.ts';
import { InputFiles } from './input-files.ts';
import { type NamedBytes, unreadable } from './named-bytes.ts';
import { usageFailure } from './option-text.ts';
import { exitCodes, runCommand } from './run-command.ts';
import { type CaseReport, exitByVerdict, verifyCase, type VerifyCase } from './verify-case.ts';
import { verifyList } from './verify-list.ts';
import { questionFrom, questionOptions, questionUsage } from './verify-options.ts';
import { verifyResponse } from './verify-response.ts';
import { answerText, listLines, reportText, unusedText } from './verify-text.ts';

export const name = 'verify';
export const summary = 'verify a certificate with its path, lists and OCSP responses, from files';

const usage = `
Usage: npx mykey verify CERTIFICATE --anchor FILE [options]
       npx mykey verify --ocsp FILE --issuer FILE [options]
       npx mykey verify --crl FILE --issuer FILE [options]

Nothing is fetched. Files are PEM or DER, "-" is standard input. A PEM file may hold several values;
of a CERTIFICATE file with several, the first is verified and the others are intermediates.

${questionUsage}
  --issuer FILE         without a CERTIFICATE: verify the OCSP response or the list by itself; the
                        issuer is trusted as it is, and every answer of a response must hold
  --json                the report as JSON, one line
  --checks              list every check that ran

Exit code: 0 valid, 1 invalid, 2 indeterminate, 64 wrong usage, 65 a file is not what its option takes
(cut, of another kind, unreadable; nothing was judged), 66 a file cannot be opened, 70 a fault of the
command.
`;

export function run(argv: string[]): Promise<number> {
  if (argv.some((argument) => /^--lines(=|$)/.test(argument))) {
    console.error('mykey verify: --lines moved: npm run conformance -- --lines FILE');
    return Promise.resolve(exitCodes.usage);
  }
  return runCommand(name, usage, argv, async () => {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        ...questionOptions,
        issuer: { type: 'string' },
        json: { type: 'boolean', default: false },
        checks: { type: 'boolean', default: false },
      },
    });
    const files = new InputFiles();
    const question = await questionFrom(values, files, positionals[0]);
    if (values.issuer !== undefined) {
      if (positionals.length > 0)
        throw usageFailure('--issuer is for a response or list without a certificate');
      if (question.crls.length + question.ocspResponses.length !== 1) {
        throw usageFailure('--issuer needs one --ocsp or one --crl');
      }
      const [issuer] = await files.readAll([values.issuer], 'certificate');
      if (!issuer) throw usageFailure('--issuer is empty');
      return verifyAlone(issuer, question, values.json);
    }
    if (positionals.length === 0) throw usageFailure('a certificate is missing');
    if (positionals.length > 1) throw usageFailure('one certificate at a time');
    if (question.anchors.length === 0) throw usageFailure('--anchor or --profile is missing');
    const report = await verifyCase(question);
    const [unread] = report.ignored;
    if (unread !== undefined) {
      // An unusable input might have been the CRL that revokes the certificate.
      throw unreadable(`${unread.source}: ${unread.code}, ${unread.detail}`);
    }
    const unused = unusedSources(report, question);
    console.log(
      values.json
        ? JSON.stringify({
            ...reportJson(report, question.time),
            ...(unused.length > 0 && { unused }),
          })
        : [reportText(report, question.time, values.checks), ...unused.map(unusedText)].join('\n'),
    );
    return exitByVerdict[report.verdict];
  });
}

/** CRLs and responses that were given but not used: of another issuer, or not needed. */
function unusedSources(report: CaseReport, { crls, ocspResponses }: VerifyCase): readonly string[] {
  // A delta CRL is named by the evidence of the complete CRL that it is combined with.
  const asked = new Set(
    report.attempts.flatMap(({ source, evidence }) => [source, evidence?.source ?? source]),
  );
  return [...crls, ...ocspResponses].map(({ source }) => source).filter((one) => !asked.has(one));
}

/** The only response or CRL of the question, verified by itself. */
export const reportAlone = async (issuer: NamedBytes, question: VerifyCase) =>
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

/** The report of `verifyCase` in printed form. */
export const reportJson = (report: CaseReport, now: number) => ({
  ...validationReportJson(report, now),
  policies: report.userConstrainedPolicySet,
  ...(report.ignored.length > 0 && { ignored: report.ignored }),
});
