import { example, type OperationExamples } from '../../platform/http/example-values.ts';

/** Heading for the API reference. */
export const about =
  'Whether the attributes of a person changed since the first login at the service, or since it last confirmed them.';
export const aboutInJapanese = '属性の変更の有無';

export const examples = {
  'check-attributes': {
    summaryInJapanese: '本人の属性が変わったか',
    request: { ppid: example.ppid },
    response: {
      status: 'unchanged',
      since: example.time,
      sinceSetBy: 'login',
      checkedAt: example.time,
      method: 'ocsp',
      source: 'http://ocsp.example.jp/',
      thisUpdate: example.time,
      producedAt: example.time,
      ageSeconds: 12,
    },
  },
} as const satisfies OperationExamples;
