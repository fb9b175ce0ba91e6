import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const { terminalId, terminalSecret } = example;
const terminal = {
  terminalId,
  name: 'Counter 1',
  unattended: false,
  createdAt: example.time,
} as const;

/** Heading for the API reference. */
export const about = 'The machines of a service at which cards are read.';
export const aboutInJapanese = '窓口の端末';

export const examples = {
  'create-terminal': {
    summaryInJapanese: '端末を登録する',
    request: { name: 'Counter 1' },
    response: { ...terminal, pairingCode: terminalSecret, expiresAt: example.later },
  },
  'list-terminals': {
    summaryInJapanese: 'サービスの端末の一覧',
    response: { terminals: [{ ...terminal, pairedAt: example.time }] },
  },
  'pair-terminal': {
    summaryInJapanese: '端末を組にする（リーダープログラム）',
    request: { code: terminalSecret },
    response: { terminalId, name: 'Counter 1', token: terminalSecret },
  },
  'revoke-terminal': {
    summaryInJapanese: '端末を無効にする',
    path: { terminalId },
    response: { terminalId },
  },
} as const satisfies OperationExamples;
