import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const list = {
  crlNumber: '4711',
  thisUpdate: '2026-11-26T15:00:00Z',
  nextUpdate: '2026-11-28T15:00:00Z',
  ageSeconds: 63_000,
} as const;

/** Heading for the API reference. */
export const about = 'Bulk checks of serial numbers, and the CRLs behind them.';
export const aboutInJapanese = '失効の照会';

export const examples = {
  'check-revocations': {
    summaryInJapanese: '多数のシリアル番号を一度に照会する',
    request: { issuer: 'user-authentication-2023', serials: ['08000001'] },
    response: {
      checkedAt: example.time,
      issuerKeyId: '64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5',
      evidence: { source: 'user-authentication-2023/full', ...list },
      counts: { total: 1, good: 1, revoked: 0, unknown: 0, malformed: 0, duplicate: 0 },
      notGood: {
        revoked: { row: [], revokedAt: [], reason: [] },
        unknown: [],
        malformed: [],
        duplicate: { row: [], of: [] },
      },
    },
  },
  'list-revocation-sources': {
    summaryInJapanese: '読み込まれている失効リストと経過時間',
    response: {
      checkedAt: example.time,
      sources: [
        {
          sourceId: 'user-authentication-2023/full',
          anchor: 'user-authentication-2023',
          scope: 'full',
          state: 'current',
          ...list,
          entries: 21_000_000,
          bytes: 840_000_000,
          ingestedAt: example.time,
          lastAttempt: { at: example.time, outcome: 'switched' },
        },
      ],
    },
  },
} as const satisfies OperationExamples;
