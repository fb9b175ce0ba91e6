import { describe, expect, it } from '@jest/globals';
import { resultLine } from '../../../lambdas/capabilities/jobs/result-lines.ts';

describe('the date of a revocation in a result', () => {
  it.each([
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00Z',
    '2026-02-28T23:59:59Z',
    '2028-02-29T09:05:07Z',
    '2049-12-31T00:00:01Z',
  ])('is written to the second: %s', (date) => {
    const answer = {
      status: 'revoked',
      revokedAt: Date.parse(date),
      reason: 'superseded',
    } as const;
    expect(resultLine({ format: 'csv', by: 'serial' }, 7, '0a', answer)).toBe(
      `7,0a,revoked,superseded,${date}\n`,
    );
    expect(JSON.parse(resultLine({ format: 'ndjson', by: 'ppid' }, 7, 'x', answer))).toEqual({
      line: 7,
      ppid: 'x',
      status: 'revoked',
      reason: 'superseded',
      revokedAt: date,
    });
  });
});
