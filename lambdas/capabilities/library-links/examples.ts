import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const userNumber = 'L-0042';
const link = { myKeyId: '2345678K', userNumber } as const;

/** Heading for the API reference. */
export const about = 'Links between My Key IDs and library user numbers.';
export const aboutInJapanese = 'マイキーIDと図書館の利用者番号の紐付け';

export const examples = {
  'put-library-link': {
    summaryInJapanese: '本人と図書館の利用者番号を紐付ける',
    request: { ...link, replace: true },
    response: { outcome: 'linked', link: { ...link, linkedAt: example.time } },
  },
  'look-up-library-link': {
    summaryInJapanese: 'マイキーIDまたは図書館の利用者番号で紐付けを探す',
    request: { userNumber },
    response: { ...link, linkedAt: example.time },
  },
  'remove-library-link': {
    summaryInJapanese: 'マイキーIDまたは図書館の利用者番号で紐付けを外す',
    request: { userNumber },
    response: { userNumber },
  },
} as const satisfies OperationExamples;
