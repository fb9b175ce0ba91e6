import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const { sessionId, ticket, terminalSecret: terminal } = example;

/** Heading for the API reference. */
export const about = 'Cards read at a counter by a reader program.';
export const aboutInJapanese = '窓口のカード読取り';

const library = { myKeyId: '2345678K', userNumber: 'L-0042' } as const;

export const examples = {
  'open-reading-session': {
    request: { mode: 'pin' },
    response: { sessionId, ticket, expiresAt: example.later },
  },
  'claim-reading-ticket': {
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
    request: { outcome: 'failed', code: 'cancelled' },
    response: { handover: ticket },
  },
  'redeem-reading-handover': {
    request: { handover: ticket },
    response: {
      sessionId,
      mode: 'pin',
      state: 'ended',
      result: { outcome: 'failed', code: 'cancelled' },
    },
  },
  'get-reading-session': {
    path: { sessionId },
    response: { sessionId, mode: 'pin', state: 'waiting' },
  },
  'put-library-link': {
    request: { ...library, replace: true },
    response: { outcome: 'linked', link: { ...library, linkedAt: example.time } },
  },
  'look-up-library-link': {
    request: { userNumber: library.userNumber },
    response: { ...library, linkedAt: example.time },
  },
  'remove-library-link': {
    request: { userNumber: library.userNumber },
    response: { userNumber: library.userNumber },
  },
} as const satisfies OperationExamples;
