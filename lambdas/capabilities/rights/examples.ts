import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const byCard = {
  challenge: example.challenge,
  certificate: example.certificate,
  signature: example.signature,
} as const;

/** Heading for the API reference. */
export const about =
  'What a person may ask of the platform, authenticated by the card: disclosure, suspension, deletion.';
export const aboutInJapanese = '本人の権利';

const request = {
  requestId: example.actId,
  act: 'suspend',
  basis: 'guardian',
  fileReference: 'File A 12',
  requestedAt: example.time,
} as const;

const correction = {
  requestId: example.actId,
  about: 'other',
  statement: 'The phone listed here was never mine',
  by: 'person',
  requestedAt: example.time,
} as const;
const outcome = {
  outcome: 'refused',
  reason: 'J-LIS names the phone as one beside the card',
} as const;

export const examples = {
  'create-rights-challenge': {
    summaryInJapanese: '本人の請求のためのチャレンジを作る',
    request: { act: 'disclose' },
    response: { challenge: example.challenge, expiresAt: example.time },
  },
  'disclose-record': {
    summaryInJapanese: '本人について保有するすべてを開示する',
    request: byCard,
    response: {
      disclosedAt: example.time,
      use: { suspended: false },
      mergedRecords: 0,
      certificates: [
        {
          kind: 'user-authentication',
          certificate: { issuerKeyId: 'a1b2', serial: '01020304', validUntil: example.later },
          filedAt: example.time,
          superseded: false,
          predecessor: { askedAt: example.time },
        },
      ],
      services: [
        {
          serviceId: example.serviceId,
          name: example.serviceName,
          ppid: example.ppid,
          keyVersion: '1',
          issuedAt: example.time,
          consents: [],
        },
      ],
      myKeyIds: [],
      acts: [],
      corrections: [],
    },
    isExcerpt: true,
  },
  'disclose-record-page': {
    summaryInJapanese: '同じ内容の読めるページ（日本語・英語）',
    request: { ...byCard, language: 'en' },
    response: '<!doctype html>',
  },
  'take-request-on-behalf': {
    summaryInJapanese: '保護者・代理人の請求を受け付ける',
    request: {
      act: 'suspend',
      basis: 'guardian',
      fileReference: 'File A 12',
      serviceId: example.serviceId,
      person: { ppid: example.ppid },
    },
    response: request,
  },
  'list-requests-on-behalf': {
    summaryInJapanese: '代理の請求の一覧',
    request: {},
    response: { requests: [request] },
    isExcerpt: true,
  },
  'approve-request-on-behalf': {
    summaryInJapanese: '代理の請求を承認して行う',
    request: { requestId: example.actId },
    response: { act: 'suspend', use: { suspended: true, suspendedBy: 'operator' } },
  },
  'request-correction': {
    summaryInJapanese: '保有する内容の訂正を請求する',
    request: { ...byCard, about: 'other', statement: 'The phone listed here was never mine' },
    response: correction,
    isExcerpt: true,
  },
  'list-corrections': {
    summaryInJapanese: '決定を待つ訂正の請求の一覧',
    request: {},
    response: { corrections: [correction] },
    isExcerpt: true,
  },
  'propose-correction-outcome': {
    summaryInJapanese: '訂正の請求の結果を提案する',
    request: { requestId: example.actId, ...outcome },
    response: {
      ...correction,
      proposal: { ...outcome, operator: example.keyThumbprint, proposedAt: example.later },
    },
    isExcerpt: true,
  },
  'approve-correction-outcome': {
    summaryInJapanese: '訂正の請求の結果を承認する',
    request: { requestId: example.actId },
    response: { ...correction, outcome: { ...outcome, at: example.later } },
    isExcerpt: true,
  },
  'request-my-key-id': {
    summaryInJapanese: 'マイキーIDの発行または失効',
    request: byCard,
    response: { myKeyId: 'ABC23456', issuedAt: example.time },
    isExcerpt: true,
  },
  'request-right': {
    summaryInJapanese: '利用停止・再開・削除・削除の取消し',
    request: byCard,
    response: { suspended: false },
  },
} as const satisfies OperationExamples;
