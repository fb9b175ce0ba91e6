import { example, type OperationExamples } from '../../platform/http/example-values.ts';

/** Heading for the API reference. */
export const about =
  'Records that seem to be one person, or two: reports of services, and the decisions of operators.';
export const aboutInJapanese = '運用者による訂正';

const flag = {
  flagId: example.flagId,
  kind: 'reported-as-one-person',
  seenAt: example.time,
  state: 'open',
} as const;
const act = {
  actId: example.actId,
  kind: 'merge',
  flagId: example.flagId,
  state: 'proposed',
  operator: example.keyThumbprint,
  reason: 'Both cards were shown at the counter',
  proposedAt: example.time,
  expiresAt: example.later,
} as const;

export const examples = {
  'report-persons': {
    summaryInJapanese: '同一人の PPID、または二人分の PPID を報告する',
    request: { ppids: [example.ppid, example.otherPpid] },
    response: { flagId: example.flagId, kind: 'reported-as-one-person' },
  },
  'list-flags': {
    summaryInJapanese: '食い違う記録の一覧',
    response: { flags: [flag] },
    isExcerpt: true,
  },
  'get-flag': {
    summaryInJapanese: '不一致の記録を読む',
    path: { flagId: example.flagId },
    response: {
      ...flag,
      persons: [
        {
          handle: example.personHandle,
          suspended: false,
          merged: 0,
          services: 1,
          certificates: [
            {
              handle: example.certificateHandle,
              label: 'k3Fq8ZtW',
              kind: 'user-authentication',
              filedOn: '2026-11-27',
              superseded: false,
              predecessor: 'none',
            },
          ],
          acts: [],
        },
      ],
    },
  },
  'settle-flag': {
    summaryInJapanese: '記録をそのままにする',
    path: { flagId: example.flagId },
    request: { reason: 'Two persons of one name, both asked' },
    response: {
      ...flag,
      state: 'settled',
      settledAs: 'two-persons',
      settledAt: example.later,
    },
  },
  'propose-act': {
    summaryInJapanese: '統合または分割を提案する',
    request: {
      kind: 'merge',
      flagId: example.flagId,
      keep: example.personHandle,
      absorb: example.otherPersonHandle,
      reason: 'Both cards were shown at the counter',
    },
    response: act,
  },
  'list-acts': {
    summaryInJapanese: '承認待ちの操作と最近の操作',
    response: { acts: [act] },
    isExcerpt: true,
  },
  'approve-act': {
    summaryInJapanese: '提案された操作を承認して行う',
    path: { actId: example.actId },
    request: {},
    response: {
      ...act,
      state: 'done',
      approvedBy: example.otherKeyThumbprint,
      doneAt: example.later,
      services: 1,
    },
  },
} as const satisfies OperationExamples;
