import { example, type OperationExamples } from '../../platform/http/example-values.ts';
import { validationExample } from '../../platform/http/schemas/validation-example.ts';

/** Heading for the API reference. */
export const about = 'Verdicts on certificates, with method, source and freshness.';
export const aboutInJapanese = '証明書の検証';

export const examples = {
  'validate-certificate': {
    summaryInJapanese: '証明書を検証する',
    request: { certificate: example.certificate, method: 'auto' },
    response: {
      verdict: 'valid',
      checkedAt: example.time,
      validation: { ...validationExample, notAfter: '2031-02-11T14:59:59Z' },
    },
  },
} as const satisfies OperationExamples;
