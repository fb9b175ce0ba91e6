import { describe, expect, it } from '@jest/globals';
import { resultLine } from '../../../lambdas/capabilities/jobs/result-lines.ts';

describe('the date of a revocation in a result', () => {
  it.each([
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00Z',
    '2026-02-28T23:59:59Z',
    '2028-02-29T09:05:07Z',
    '2049-12-31T00:00:01Z',
  ])(
    'is written to the second where rows name serials, by the day where they name PPIDs: %s',
    (date) => {
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
        revokedAt: `${date.slice(0, 10)}T00:00:00Z`,
      });
    },
  );
});

describe('the reason of a revocation', () => {
  it('is left out for a service that may not read it; why a row is unknown is not', () => {
    const revoked = { status: 'revoked', revokedAt: 0, reason: 'superseded' } as const;
    const unknown = { status: 'unknown', why: 'crl-stale' } as const;
    const csv = { format: 'csv', by: 'serial', withoutReasons: true } as const;
    expect(resultLine(csv, 7, '0a', revoked)).toBe('7,0a,revoked,,1970-01-01T00:00:00Z\n');
    expect(resultLine(csv, 7, '0a', unknown)).toBe('7,0a,unknown,crl-stale,\n');
    const ndjson = { ...csv, format: 'ndjson' } as const;
    expect(JSON.parse(resultLine(ndjson, 7, '0a', revoked))).toEqual({
      line: 7,
      serial: '0a',
      status: 'revoked',
      revokedAt: '1970-01-01T00:00:00Z',
    });
  });
});
