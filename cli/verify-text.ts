import { rfc3339 } from '../lambdas/core/rfc3339.ts';
import { createHash } from 'node:crypto';
import type { RevocationAttempt } from '../lambdas/core/revocation/revocation-status.ts';
import type { CaseReport } from './verify-case.ts';

/** The report as a person reads it: the verdict, what decided it, what was looked at. */
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
    ...report.attempts.map((attempt) => row('', attemptText(attempt, now))),
    ...report.ignored.map(({ source, code }) => row('ignored', `${source}: ${code}`)),
    ...(withChecks ? report.checks.map(checkText) : []),
  ].join('\n');
}

function headline({ verdict, code, indication, subIndication }: CaseReport): string {
  const etsi = subIndication ? `${indication}, ${subIndication}` : indication;
  return `${verdict.toUpperCase()}${code ? `  ${code}` : ''}  (${etsi})`;
}

function decisive({ checks }: CaseReport): string[] {
  const failed = checks.findLast(({ outcome }) => outcome === 'failed');
  return failed ? [row('failed', `${failed.id}, ${failed.clause}`)] : [];
}

function pathText({ path }: CaseReport): string {
  if (path.length === 0) return 'none';
  const steps = path.slice(0, -1).map(({ der }) => `${sha256(der).slice(0, 16)}…`);
  return [...steps, 'leaf'].join(' > ');
}

function revocationText({ revocation, attempts }: CaseReport): string {
  if (!revocation) return 'not asked';
  if (revocation.status === 'good') return `good, by ${revocation.evidence.method}`;
  if (revocation.status === 'revoked') {
    return `revoked ${rfc3339(revocation.revokedAt)}, ${revocation.reason}, by ${revocation.evidence.method}`;
  }
  return `unknown: ${revocation.why}${attempts.length === 0 ? ', nothing covers it' : ''}`;
}

function attemptText(
  { method, source, outcome, responseStatus, evidence }: RevocationAttempt,
  now: number,
): string {
  const status = responseStatus === undefined ? outcome : `${outcome} (${responseStatus})`;
  if (!evidence) return `${method} ${source}: ${status}`;
  const next = evidence.nextUpdate === undefined ? 'none' : rfc3339(evidence.nextUpdate);
  return `${method} ${source}: ${status}, ${age(now - evidence.thisUpdate)} old, next ${next}`;
}

const checkText = ({ id, clause, outcome }: CaseReport['checks'][number]): string =>
  `  ${outcome === 'passed' ? 'ok  ' : 'FAIL'}  ${id.padEnd(24)} ${clause}`;

const row = (label: string, value: string): string => `  ${label.padEnd(12)}${value}`;

const sha256 = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');

/** The largest unit that leaves a number of two digits or so. */
function age(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (Math.abs(minutes) < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 72 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
