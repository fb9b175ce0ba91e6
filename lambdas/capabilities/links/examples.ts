import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const { ppid } = example;
const userNumber = '1001';
const link = { ppid, userNumber, linkedAt: example.time } as const;

/** Heading for the API reference. */
export const about = 'Links between PPIDs and the user numbers of a service’s own system.';
export const aboutInJapanese = '利用者番号との紐付け';

export const examples = {
  'put-link': {
    summaryInJapanese: '本人と利用者番号を紐付ける',
    request: { ppid, userNumber, replace: true },
    response: { outcome: 'linked', link },
  },
  'look-up-link': {
    summaryInJapanese: 'PPID または利用者番号で紐付けを探す',
    request: { ppid },
    response: link,
  },
  'remove-link': {
    summaryInJapanese: 'PPID または利用者番号で紐付けを外す',
    request: { ppid },
    response: link,
  },
  'import-links': {
    summaryInJapanese: '多数の紐付けを取り込む',
    request: { rows: [{ ppid, userNumber }], replace: true },
    response: { dryRun: false, counts: { linked: 1 }, rows: [{ row: 0, outcome: 'linked' }] },
  },
  'await-links': {
    summaryInJapanese: 'これからログインする人の利用者番号を登録する',
    request: { userNumbers: ['2001'] },
    response: { dryRun: false, counts: { waiting: 1 }, rows: [{ row: 0, outcome: 'waiting' }] },
  },
  'export-links': {
    summaryInJapanese: 'サービスの全紐付け（ページ単位）',
    request: {},
    response: { links: [], waiting: [], next: '1' },
  },
} as const satisfies OperationExamples;
