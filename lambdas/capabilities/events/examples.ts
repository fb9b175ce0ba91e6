import { example, type OperationExamples } from '../../platform/http/example-values.ts';

/** Heading for the API reference. */
export const about = 'What changed about the persons of a service, in order.';
export const aboutInJapanese = 'サービスへのイベント';

export const examples = {
  'read-events': {
    summaryInJapanese: 'サービスの利用者に起きた変更',
    query: { limit: '100' },
    response: { events: [], next: example.eventCursor, more: false },
  },
} as const satisfies OperationExamples;
