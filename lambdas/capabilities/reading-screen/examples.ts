import { example, type OperationExamples } from '../../platform/http/example-values.ts';

/** Heading for the API reference. */
export const about = 'The page at which staff read cards.';
export const aboutInJapanese = '読取り画面';

export const examples = {
  'get-reading-screen': {
    summaryInJapanese: 'Type 1 サービスの読取り画面',
    path: { serviceId: example.serviceId },
    response: '<!doctype html>',
  },
} as const satisfies OperationExamples;
