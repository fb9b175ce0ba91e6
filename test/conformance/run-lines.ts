import { createProgressBar } from '../../cli/progress-bar.ts';
import { usageFailure } from '../../cli/option-text.ts';
import { reportAlone, reportJson } from '../../cli/verify.ts';
import { type VerifyCase, verifyCase } from '../../cli/verify-case.ts';
import { verifySigned } from '../../cli/verify-signed.ts';
import { type CaseLine, readCase } from './case-line.ts';
import { casesIn } from './case-stream.ts';
import { Tally } from './tally.ts';
import { verifyUnderIssuer } from './under-issuer.ts';

/**
 * Answers each case as it arrives, one JSON line on stdout; one that cannot be read ends the call behind
 * the answers before it. Progress and sums go to stderr.
 * @param defaults what a case leaves out
 * @returns the exit code
 * @throws CommandFailure naming the line or the field
 */
export async function runLines(
  chunks: AsyncIterable<Uint8Array>,
  defaults: VerifyCase,
): Promise<number> {
  const tally = new Tally();
  const bar = createProgressBar({ label: 'verify', unit: 'cases' });
  try {
    for await (const arrived of casesIn(chunks)) {
      const line = readCase(arrived, tally.cases + 1, defaults);
      const { id, expected, unread } = line;
      const report = await reportOf(line);
      const asExpected = expected === undefined ? undefined : isAsExpected(report, line);
      console.log(
        JSON.stringify({
          id,
          ...report,
          ...(expected !== undefined && { expected, asExpected }),
          ...(unread.length > 0 && { unread }),
        }),
      );
      tally.add(report.verdict, asExpected, unread);
      // On a terminal the answers themselves are the progress.
      if (!process.stdout.isTTY) bar.update(tally.cases);
    }
  } finally {
    bar.stop();
  }
  // A suite that came out empty has not passed.
  if (tally.cases === 0) throw usageFailure('there is no case in the lines');
  if (tally.unreadFields !== undefined) console.error(tally.unreadFields);
  console.error(tally.summary);
  return tally.exitCode;
}

async function reportOf({ subject, question }: CaseLine) {
  switch (subject.of) {
    case 'certificate':
      return reportJson(await verifyCase(question), question.time);
    case 'certificate-of-issuer':
      return verifyUnderIssuer(subject.issuer, question);
    case 'list-or-response':
      return reportAlone(subject.issuer, question);
    default:
      return verifySigned(subject.signed, question.algorithms);
  }
}

function isAsExpected(
  report: {
    readonly verdict: 'valid' | 'invalid' | 'indeterminate';
    readonly policies?: readonly string[];
  },
  { expected, expectedPolicies }: CaseLine,
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
