import { refusalCure } from '../lambdas/pki/diagnosis/refusal-cure.ts';
import { rfc3339 } from '../lambdas/pki/rfc3339.ts';
import {
  type CertificateAttempt,
  pathStep,
  type PathStepJson,
  pathSteps,
  type RevocationStatusJson,
} from '../lambdas/pki/validation/validation-report.ts';
import type { CaseReport } from './verify-case.ts';
import type { ListReport } from './verify-list.ts';

/** The report as text: the verdict, the deciding check, and the evidence used. */
export function reportText(report: CaseReport, now: number, withChecks: boolean): string {
  return [
    headline(report),
    ...decisive(report),
    row('path', pathText(report)),
    ...(report.kind ? [row('kind', report.kind)] : []),
    ...(report.userConstrainedPolicySet.length > 0
      ? [row('policies', report.userConstrainedPolicySet.join(' '))]
      : []),
    row('revocation', revocationText(report)),
    ...report.attempts.map((attempt) => row('', attemptText(attempt, report, now))),
    ...report.ignored.map(({ source, code, detail }) =>
      row('ignored', `${source}: ${code}, ${detail}`),
    ),
    ...(withChecks ? report.checks.map(checkText) : []),
  ].join('\n');
}

function headline({ verdict, code, indication, subIndication }: CaseReport): string {
  const etsi = subIndication ? `${indication}, ${subIndication}` : indication;
  return `${verdict.toUpperCase()}${code ? `  ${code}` : ''}  (${etsi})`;
}

function decisive(report: CaseReport): string[] {
  const failed = report.checks.findLast(({ outcome }) => outcome === 'failed');
  if (!failed) return [];
  const of = report.refused ? `, of ${stepText(pathStep(report.refused, report))}` : '';
  const cure = refusalCure(report);
  return [
    ...(cure === undefined ? [] : [row('cure', cure)]),
    row('failed', `${failed.id}, ${failed.clause}${of}`),
    ...(failed.detail === undefined || cure?.includes(failed.detail)
      ? []
      : [row('', failed.detail)]),
  ];
}

function pathText(report: CaseReport): string {
  if (report.path.length === 0) return 'none';
  return pathSteps(report).map(stepText).join(' > ');
}

const stepText = (step: PathStepJson): string =>
  'sha256' in step && step.sha256 ? `${step.sha256.slice(0, 16)}…` : step.role;

function revocationText({ revocation, attempts }: CaseReport): string {
  if (!revocation) return 'not asked';
  if (revocation.status === 'good') return `good, by ${revocation.evidence.method}`;
  if (revocation.status === 'revoked') {
    return `revoked ${rfc3339(revocation.revokedAt)}, ${revocation.reason}, by ${revocation.evidence.method}`;
  }
  return `unknown: ${revocation.why}${attempts.length === 0 ? ', nothing covers it' : ''}`;
}

function attemptText(
  { method, source, outcome, responseStatus, evidence, certificate }: CertificateAttempt,
  report: CaseReport,
  now: number,
): string {
  const status = responseStatus === undefined ? outcome : `${outcome} (${responseStatus})`;
  const step = pathStep(certificate, report);
  const of = step.role === 'leaf' ? '' : `${stepText(step)} `;
  const delta = evidence && evidence.source !== source ? ` with ${evidence.source}` : '';
  const said = `${method} ${source}${delta}: ${of}${status}`;
  if (!evidence) return said;
  const next = evidence.nextUpdate === undefined ? 'none' : rfc3339(evidence.nextUpdate);
  return `${said}, ${age(now - evidence.thisUpdate)} old, next ${next}`;
}

/** A file that did not contribute to the verdict. */
export const unusedText = (source: string): string =>
  row('unused', `${source}: of another issuer, or not needed`);

/** One single response of an OCSP response. */
export const answerText = (answer: RevocationStatusJson): string =>
  answer.status === 'unknown' ? `unknown: ${answer.why}` : answer.status;

/** A CRL verified by itself. */
export const listLines = (report: ListReport): readonly string[] => {
  const { why, detail, thisUpdate, nextUpdate = 'none', entries } = report;
  return [
    ...(why === undefined ? [] : [detail === undefined ? why : `${why}, ${detail}`]),
    ...(thisUpdate === undefined
      ? []
      : [
          `${entries} ${entries === 1 ? 'entry' : 'entries'}, of ${thisUpdate}, next ${nextUpdate}`,
        ]),
  ];
};

const checkText = ({ id, clause, outcome }: CaseReport['checks'][number]): string =>
  `  ${outcome === 'passed' ? 'ok  ' : 'FAIL'}  ${id.padEnd(24)} ${clause}`;

const row = (label: string, value: string): string => `  ${label.padEnd(12)}${value}`;

/** The largest unit in which the number has about two digits. */
function age(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (Math.abs(minutes) < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 72 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
