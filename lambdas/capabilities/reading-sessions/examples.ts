import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const { sessionId, ticket, terminalSecret: terminal } = example;

/** Heading for the API reference. */
export const about = 'Cards read at a counter by a reader program.';
export const aboutInJapanese = '窓口のカード読取り';

export const examples = {
  'open-reading-session': {
    summaryInJapanese: '読取りを始める',
    request: { mode: 'pin' },
    response: { sessionId, ticket, expiresAt: example.later },
  },
  'claim-reading-ticket': {
    summaryInJapanese: 'チケットを受け取る（リーダープログラム）',
    request: { ticket, terminal, protocol: 1, agentVersion: '0.1.0' },
    response: {
      resultToken: ticket,
      sessionId,
      mode: 'pin',
      challenge: 'bXkta2V5LXBsYXRmb3JtL2NoYWxsZW5nZS8x',
      enrolChip: false,
      chipRoots: [],
      timeoutMs: 120_000,
    },
  },
  'report-reading': {
    summaryInJapanese: '読み取ったものを届ける（リーダープログラム）',
    request: { outcome: 'failed', code: 'cancelled' },
    response: { handover: ticket },
  },
  'redeem-reading-handover': {
    summaryInJapanese: '一回限りのコードで読取りの結果を得る',
    request: { handover: ticket },
    response: {
      sessionId,
      mode: 'pin',
      state: 'ended',
      result: { outcome: 'failed', code: 'cancelled' },
    },
  },
  'get-reading-session': {
    summaryInJapanese: '読取りの結果を得る',
    path: { sessionId },
    response: { sessionId, mode: 'pin', state: 'waiting' },
  },
} as const satisfies OperationExamples;
