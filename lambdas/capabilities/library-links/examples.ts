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
  'import-library-links': {
    summaryInJapanese: '多数の図書館の利用者番号を紐付ける',
    request: { rows: [link], replace: true },
    response: { dryRun: false, counts: { linked: 1 }, rows: [{ row: 0, outcome: 'linked' }] },
  },
  'export-library-links': {
    summaryInJapanese: '図書館の全紐付け（ページ単位）',
    request: {},
    response: { links: [], waiting: [], next: '1' },
  },
} as const satisfies OperationExamples;
