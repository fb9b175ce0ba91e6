import { example, type OperationExamples } from '../../platform/http/example-values.ts';

/** Heading for the API reference. */
export const about = 'Texts for cards to sign.';
export const aboutInJapanese = 'カードが署名するチャレンジ';

export const examples = {
  'create-challenge': {
    summaryInJapanese: 'チャレンジを作る',
    request: {},
    response: { challenge: example.challenge, expiresAt: example.later },
  },
} as const satisfies OperationExamples;
