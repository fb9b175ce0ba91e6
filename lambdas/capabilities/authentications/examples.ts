import { example, type OperationExamples } from '../../platform/http/example-values.ts';
import { validationExample } from '../../platform/http/schemas/validation-example.ts';

/** Heading for the API reference. */
export const about =
  'Logins: a card signs a challenge, and the service gets its PPID for the person.';
export const aboutInJapanese = 'ログイン';

export const examples = {
  authenticate: {
    summaryInJapanese: '本人をログインさせる',
    request: {
      challenge: example.challenge,
      certificate: example.certificate,
      signature: example.signature,
      method: 'auto',
    },
    response: {
      ppid: example.ppid,
      assurance: 'card-signature',
      authenticatedAt: example.time,
      validation: validationExample,
    },
  },
} as const satisfies OperationExamples;
