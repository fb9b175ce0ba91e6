import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const { ppid } = example;
const consent = {
  kind: 'consent',
  document: 'terms-of-use',
  version: '2026-11',
  recordedAt: example.time,
} as const;
const withdrawn = { ...consent, withdrawnAt: example.later } as const;

/** Heading for the API reference. */
export const about =
  'Consents and notices: which version of a text a person consented to or received, where a service relies on it.';
export const aboutInJapanese = '同意の記録';

export const examples = {
  'record-consent': {
    summaryInJapanese: '文面への同意または受領を記録する',
    request: { ppid, document: 'terms-of-use', version: '2026-11', kind: 'consent' },
    response: { consents: [consent] },
    isExcerpt: true,
  },
  'read-consents': {
    summaryInJapanese: '本人の同意・受領の記録を読む',
    request: { ppid },
    response: { consents: [consent] },
    isExcerpt: true,
  },
  'withdraw-consent': {
    summaryInJapanese: '同意を取り消す（文面の全版）',
    request: { ppid, document: 'terms-of-use' },
    response: { consents: [withdrawn] },
    isExcerpt: true,
  },
} as const satisfies OperationExamples;
