import type { OperationExamples } from '../../platform/http/example-values.ts';

/** Heading for the API reference. */
export const about = 'A new version of the identity keys: re-sealing of all records under it.';
export const aboutInJapanese = '鍵の版';

export const examples = {
  'reseal-records': {
    summaryInJapanese: '現在の鍵の版で記録を封じ直す',
    request: { part: 'records', segment: 0, segments: 64 },
    response: { keyVersion: 2, subjects: 20, records: 160 },
  },
} as const satisfies OperationExamples;
