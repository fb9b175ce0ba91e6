import { readFileSync } from 'node:fs';
import { jobLimits } from '../../lambdas/capabilities/jobs/limits.ts';
import { peopleLimits } from '../../lambdas/people/limits.ts';
import { deploymentLimits } from '../limits.ts';
import { settings, type SettingName } from '../settings.ts';

/** In English and Japanese. */
interface Text {
  readonly en: string;
  readonly ja: string;
}

/** The purposes of the platform's published privacy policy. */
export const purposes = {
  identifiers: { en: 'issue and manage identifiers', ja: '識別子の発行・管理' },
  card: { en: 'verify the card', ja: 'カードの確認' },
  validation: { en: 'validate certificates', ja: '証明書の有効性確認' },
  attributes: {
    en: 'confirm whether the address etc. changed',
    ja: '住所等の変更の有無の確認',
  },
  services: {
    en: 'registration, authentication, authorisation and status of services',
    ja: 'サービスの登録・認証・認可・状態の管理',
  },
  operation: { en: 'operate safely', ja: '安全な運用' },
  notices: { en: 'notify and answer users', ja: '利用者への通知・回答' },
} as const satisfies Readonly<Record<string, Text>>;

export type Ground =
  | 'identification'
  | 'use-of-service'
  | 'request-of-person'
  | 'accountability'
  | 'list-of-authority'
  | 'no-personal-data';

/** The deployment's own; a file, so that it can be replaced without touching code. */
const legalGrounds = JSON.parse(
  readFileSync(new URL('./legal-grounds.json', import.meta.url), 'utf8'),
) as Readonly<Record<Ground, Text>>;

/** Where a record is kept, and whose functions read it. */
export const places = {
  Identity: {
    en: 'table Identity',
    ja: '識別テーブル',
  },
  Services: { en: 'table Services', ja: 'サービステーブル' },
  Sessions: { en: 'table Sessions', ja: 'セッションテーブル' },
  Revocation: { en: 'table Revocation', ja: '失効テーブル' },
  Jobs: { en: 'table Jobs', ja: 'ジョブテーブル' },
  RevocationBucket: { en: 'revocation bucket', ja: '失効バケット' },
  JobsBucket: { en: 'jobs bucket', ja: 'ジョブバケット' },
} as const satisfies Readonly<Record<string, Text>>;

export type Place = keyof typeof places;

/** The key that seals a value, beside the data key under which tables and buckets lie. */
export type SealedUnder = 'index' | 'service' | 'bucket' | 'answer' | 'none';

const sealNames: Readonly<Record<SealedUnder, Text>> = {
  index: { en: 'index key', ja: '索引鍵' },
  service: { en: 'key of the service', ja: 'サービスの鍵' },
  bucket: { en: 'key of the bucket', ja: 'バケット鍵' },
  answer: { en: 'a key made from the request', ja: '要求から作る鍵' },
  none: { en: 'data key alone', ja: 'データ鍵のみ' },
};

const days = (ms: number): Text => ({
  en: `${ms / 86_400_000} days`,
  ja: `${ms / 86_400_000}日`,
});

const periods = {
  person: {
    en: 'until the person’s deletion',
    ja: '本人の削除まで',
  },
  personOrNumber: {
    en: 'until the link is removed or the person is deleted; a waiting number: `waitingNumbersDays` since it was last handed in',
    ja: '紐付けの解除か本人の削除まで。待機中の番号は、最後に登録されてから `waitingNumbersDays`',
  },
  myKeyId: {
    en: 'the person until deletion; the bare ID for good, so that nobody gets it again',
    ja: '本人は削除まで。番号だけは、再発行を防ぐため残す',
  },
  decided: { en: 'until one of the persons is deleted', ja: 'いずれかの本人の削除まで' },
  due: { en: 'until the day of deletion', ja: '削除の日まで' },
  request: {
    en: 'open: `openRequestsDays`; approved: `decidedRequestsDays`; at most until the person’s deletion',
    ja: '未承認は `openRequestsDays`、承認後は `decidedRequestsDays`。長くとも本人の削除まで',
  },
  correction: {
    en: 'while open, then `decidedRequestsDays`; at most until the person’s deletion',
    ja: '決定までと、その後 `decidedRequestsDays`。長くとも本人の削除まで',
  },
  undecided: { en: 'until it is decided', ja: '決定まで' },
  delivered: { en: 'until delivered, minutes', ja: '配信まで（数分）' },
  feed: days(peopleLimits.eventsKeptMs),
  proposal: days(peopleLimits.proposalMs),
  serviceLife: { en: 'as long as the service is registered', ja: 'サービスの登録がある間' },
  challenge: { en: 'minutes', ja: '数分' },
  session: { en: '15 minutes', ja: '15分' },
  day: { en: 'at most a day', ja: '最長1日' },
  twoDays: { en: 'two days', ja: '2日' },
  list: { en: 'a day after the list’s nextUpdate', ja: '失効リストの次回更新の翌日まで' },
  latest: { en: 'until the next one', ja: '次のものまで' },
  job: { en: 'until the job expires', ja: 'ジョブの期限まで' },
} as const satisfies Readonly<Record<string, Text>>;

export interface InventoryRecord {
  readonly place: Place;
  /** How its key begins: partition key, or partition and sort key in the identity table. */
  readonly kind: string;
  readonly holds: Text;
  /** Names of the members of its value. */
  readonly fields: readonly string[];
  readonly isPersonal: boolean;
  readonly purposes: readonly (keyof typeof purposes)[];
  readonly sealedUnder: SealedUnder;
  readonly period: keyof typeof periods;
  readonly ground: Ground;
}

const record = (
  place: Place,
  kind: string,
  holds: Text,
  fields: string,
  [purpose, sealedUnder, period, ground]: readonly [
    readonly (keyof typeof purposes)[],
    SealedUnder,
    keyof typeof periods,
    Ground,
  ],
): InventoryRecord => ({
  place,
  kind,
  holds,
  fields: fields.split(' ').filter((name) => name !== ''),
  isPersonal: ground !== 'no-personal-data',
  purposes: purpose,
  sealedUnder,
  period,
  ground,
});

const text = (en: string, ja: string): Text => ({ en, ja });

/**
 * Every kind of record that the platform writes. `test/docs/data-inventory.test.ts` compares it
 * with the pages, with the names that code writes, and with the members of records that it wrote.
 */
export const inventory: readonly InventoryRecord[] = [
  record('Identity', 'C# / C', text('certificate → subject', '証明書 → 内部番号'), 'subjectId', [
    ['identifiers', 'validation'],
    'index',
    'person',
    'identification',
  ]),
  record(
    'Identity',
    'S# / S',
    text('standing of a person', '本人の状態'),
    'subjectId suspended mergedInto formerly suspension deletion',
    [['identifiers'], 'index', 'person', 'identification'],
  ),
  record(
    'Identity',
    'S# / H#',
    text('a certificate in the history', '証明書の履歴'),
    'subjectId kind certificate filedAt superseded predecessor signature',
    [['identifiers', 'validation', 'attributes'], 'bucket', 'person', 'identification'],
  ),
  record(
    'Identity',
    'S# / R#',
    text(
      'a service that knows a person, and what it relies on of the person’s cards',
      '本人を知るサービスと、そのサービスが基準とする証明書・チップ',
    ),
    'serviceId baseline chip',
    [['identifiers', 'attributes', 'card'], 'bucket', 'person', 'use-of-service'],
  ),
  record(
    'Identity',
    'E# / E',
    text('a service’s entry for a person', '本人についてのサービスの項目'),
    'ppid keyVersion issuedAt userNumber consents',
    [['identifiers'], 'service', 'person', 'use-of-service'],
  ),
  record(
    'Identity',
    'S# / A#',
    text('an operator’s act on a person’s record', '運用者の操作'),
    'actId kind at operator approvedBy reason subjects services',
    [['operation'], 'bucket', 'person', 'accountability'],
  ),
  record(
    'Identity',
    'S# / M',
    text('My Key IDs of a person', '本人のマイキーID'),
    'subjectId issued',
    [['identifiers'], 'bucket', 'person', 'identification'],
  ),
  record(
    'Identity',
    'M# / M',
    text(
      'My Key ID → subject; without subject once revoked',
      'マイキーID → 内部番号（失効後は番号のみ）',
    ),
    'myKeyId subjectId',
    [['identifiers'], 'index', 'myKeyId', 'identification'],
  ),
  record('Identity', 'P# / P', text('PPID → subject', 'PPID → 内部番号'), 'subjectId', [
    ['identifiers'],
    'index',
    'person',
    'use-of-service',
  ]),
  record(
    'Identity',
    'U# / U#',
    text('user number of a service and its link', 'サービスの利用者番号と紐付け'),
    'userNumber link',
    [['identifiers'], 'service', 'personOrNumber', 'use-of-service'],
  ),
  record('Identity', 'K# / K', text('enrolled chip → PPID', '登録チップ → PPID'), 'ppid', [
    ['card'],
    'service',
    'person',
    'use-of-service',
  ]),
  record(
    'Identity',
    'F / F#',
    text('flag: who is one person', '同一人かどうかの旗'),
    'flagId kind subjects seenAt settled',
    [['operation'], 'index', 'decided', 'accountability'],
  ),
  record(
    'Identity',
    'D# / D#',
    text('a deletion that is due', '実行日を待つ削除'),
    'subjectId day',
    [['identifiers'], 'index', 'due', 'request-of-person'],
  ),
  record(
    'Identity',
    'B / B#',
    text('a request on behalf of a person', '代理による請求'),
    'requestId act correction subjectId basis fileReference requestedBy requestedAt approval',
    [['notices', 'operation'], 'index', 'request', 'request-of-person'],
  ),
  record(
    'Identity',
    'S# / G#',
    text('what a person asked to be corrected, and the outcome', '訂正の請求とその結果'),
    'requestId subjectId about serviceId statement by requestedAt flagId proposal decided',
    [['notices', 'operation'], 'bucket', 'correction', 'request-of-person'],
  ),
  record(
    'Identity',
    'G / G#',
    text('a request for correction that is undecided', '決定を待つ訂正の請求'),
    'requestId subjectId',
    [['operation'], 'index', 'undecided', 'request-of-person'],
  ),
  record(
    'Identity',
    'N# / N#',
    text('an announcement to services, not yet delivered', '配信前の知らせ'),
    'subjectId type at reason source cause absorbed',
    [['notices'], 'index', 'delivered', 'use-of-service'],
  ),
  record(
    'Identity',
    'W# / W#',
    text('an event that waits for its place', '順番を待つイベント'),
    'id type at ppid formerPpid reason source order',
    [['notices'], 'service', 'feed', 'use-of-service'],
  ),
  record('Identity', 'V# / V', text('an event id was used', '使用済みのイベント番号'), '', [
    ['notices'],
    'service',
    'feed',
    'use-of-service',
  ]),
  record(
    'Identity',
    'Q# / Q',
    text('head of a service’s feed', 'イベント列の先頭'),
    'next floor releasedOn expiresAt',
    [['notices'], 'service', 'serviceLife', 'no-personal-data'],
  ),
  record('Identity', 'Q# / B#', text('events of a feed', 'イベント'), 'first events', [
    ['notices'],
    'service',
    'feed',
    'use-of-service',
  ]),
  record(
    'Identity',
    'X / X#',
    text('an act that waits for the second operator', '承認待ちの操作'),
    'actId flagId act operator reason at until done',
    [['operation'], 'index', 'proposal', 'accountability'],
  ),

  ...(
    [
      ['ORGANISATION#', text('an organisation and the names of its services', '組織とサービス名')],
      ['ORGANISATION-NAME#', text('keeps names of organisations unique', '組織名の重複防止')],
      ['SERVICE#', text('a service', 'サービス')],
      ['CLIENT#', text('a client: public keys and scopes', 'クライアント（公開鍵・権限）')],
      [
        'CLIENT-KEY#',
        text('the client that registered a key first', '鍵を最初に登録したクライアント'),
      ],
      ['USAGE-KEYS', text('number of API keys in use', '使用中の API キーの数')],
      ['WEBHOOKS', text('the endpoint of a service for notices', 'サービスの通知先')],
      ['TERMINALS#', text('paired terminals of a service', 'サービスの端末')],
    ] as const
  ).map(([kind, holds]) =>
    record('Services', kind, holds, '', [['services'], 'none', 'serviceLife', 'no-personal-data']),
  ),

  record('Sessions', 'CHALLENGE#', text('a challenge was used', '使用済みチャレンジ'), '', [
    ['card'],
    'none',
    'challenge',
    'no-personal-data',
  ]),
  record('Sessions', 'ASSERTION#', text('an assertion was used', '使用済みの署名付き要求'), '', [
    ['services'],
    'none',
    'challenge',
    'no-personal-data',
  ]),
  record(
    'Sessions',
    'IDEMPOTENCY#',
    text('the answer to a request with Idempotency-Key', '再送に備えた回答'),
    '',
    [['operation'], 'answer', 'day', 'use-of-service'],
  ),
  record(
    'Sessions',
    'READING#',
    text('a reading session at a counter, its outcome sealed', '窓口の読取り（結果は封印）'),
    '',
    [['card'], 'service', 'session', 'use-of-service'],
  ),
  record(
    'Sessions',
    'CHECKED#',
    text('identifiers that a service checked in a day', '一日の照会数'),
    '',
    [['operation'], 'none', 'twoDays', 'no-personal-data'],
  ),
  record(
    'Sessions',
    'HELD#',
    text('cards that a service held without PIN in a day', '一日の暗証番号なし読取りの数'),
    '',
    [['operation'], 'none', 'twoDays', 'no-personal-data'],
  ),

  record(
    'Revocation',
    'list, attempt, <layer>#',
    text(
      'revocation lists: serials, dates and reasons, as J-LIS publishes them; no person',
      '失効リスト（J-LIS が公表する番号・日時・理由）',
    ),
    '',
    [['validation'], 'none', 'list', 'list-of-authority'],
  ),
  record('RevocationBucket', 'filters/, drops/, differences/', text('the same lists', '同上'), '', [
    ['validation'],
    'none',
    'latest',
    'list-of-authority',
  ]),
  record('Jobs', 'JOB#', text('a job: its request and totals', 'ジョブ（要求・合計）'), '', [
    ['validation', 'attributes'],
    'none',
    'job',
    'no-personal-data',
  ]),
  record('Jobs', 'SERVICE#', text('a service’s share of jobs', 'サービスのジョブ枠'), '', [
    ['operation'],
    'none',
    'serviceLife',
    'no-personal-data',
  ]),
  record(
    'JobsBucket',
    'uploads/, chunks/, results/',
    text('identifiers that a service handed in, and results', 'サービスが渡した識別子と結果'),
    '',
    [['validation', 'attributes'], 'none', 'job', 'use-of-service'],
  ),
];

/** What sets a period, and what deletes when it is over. */
interface Scheduled {
  readonly of: Text;
  /** A setting of the deployment; without one, the period is fixed in code. */
  readonly setting?: SettingName;
  readonly fixedMs?: number;
  readonly enforcedBy: readonly (keyof typeof means)[];
}

const means = {
  ttl: { en: 'time to live', ja: 'TTL' },
  sweep: { en: 'nightly sweep (`rights-sweep`)', ja: '夜間処理（`rights-sweep`）' },
  lifecycle: { en: 'lifecycle rule of the bucket', ja: 'バケットのライフサイクル規則' },
  logs: { en: 'retention of the log groups', ja: 'ロググループの保存期間' },
  backup: {
    en: 'point-in-time recovery and AWS Backup',
    ja: 'ポイントインタイムリカバリーと AWS Backup',
  },
} as const satisfies Readonly<Record<string, Text>>;

const schedule: readonly Scheduled[] = [
  {
    of: text('from a person’s request for deletion to its execution', '削除の請求から実行まで'),
    setting: 'deletionGraceDays',
    enforcedBy: ['sweep'],
  },
  {
    of: text('requests on behalf that nobody approves', '承認されない代理の請求'),
    setting: 'openRequestsDays',
    enforcedBy: ['ttl', 'sweep'],
  },
  {
    of: text(
      'approved requests on behalf, decided requests for correction',
      '承認済みの代理の請求、決定済みの訂正の請求',
    ),
    setting: 'decidedRequestsDays',
    enforcedBy: ['ttl', 'sweep'],
  },
  {
    of: text('user numbers that wait for a login', 'ログインを待つ利用者番号'),
    setting: 'waitingNumbersDays',
    enforcedBy: ['ttl'],
  },
  {
    of: text('acts that wait for the second operator', '二人目の承認を待つ操作'),
    fixedMs: peopleLimits.proposalMs,
    enforcedBy: ['ttl', 'sweep'],
  },
  {
    of: text('events of feeds', 'イベント'),
    fixedMs: peopleLimits.eventsKeptMs,
    enforcedBy: ['ttl'],
  },
  {
    of: text('jobs, results', 'ジョブと結果'),
    fixedMs: jobLimits.resultsMs,
    enforcedBy: ['ttl', 'lifecycle'],
  },
  {
    of: text('uploads and chunks of jobs', 'ジョブの入力と分割'),
    fixedMs: jobLimits.awaitingUploadMs,
    enforcedBy: ['lifecycle'],
  },
  { of: text('logs', 'ログ'), setting: 'logRetentionDays', enforcedBy: ['logs'] },
  {
    of: text('what was deleted, in backups', '削除されたもののバックアップ'),
    fixedMs: deploymentLimits.backupKeptDays * 86_400_000,
    enforcedBy: ['backup'],
  },
];

const headings = {
  en: {
    title: 'Data inventory',
    other: '[日本語](data-inventory.ja.md)',
    intro:
      'Every kind of record that the platform writes, for a privacy impact assessment. Made from `lib/documentation/data-inventory.ts` by `node bin/write-data-inventory.ts`; a test compares both, and every record that the code writes, with this page. Purposes are those of the published privacy policy. Legal grounds are this deployment’s own: `lib/documentation/legal-grounds.json`.',
    columns: ['kind', 'holds', 'fields', 'personal', 'purpose', 'sealed under', 'kept', 'ground'],
    yes: 'yes',
    no: 'no',
    grounds: 'Legal grounds',
    scheduleTitle: 'Retention schedule',
    schedule:
      'A setting (`docs/deploy.md`) is refused outside its bounds, becomes the expiry when a record is written, and is what the sweep goes by: shortening it deletes earlier records on behalf of persons in the next night; decided requests for correction keep the expiry that they got. Everything else about a person is kept until the person’s deletion.',
    scheduleColumns: ['period of', 'set by', 'days by default', 'enforced by'],
    fixed: 'fixed',
    readers:
      'Who may read: the functions whose roles hold `GetItem`, `Query` or `Scan` on the table and `GenerateMac` of the key. Nobody else: key policies refuse people and other roles.',
    readerColumns: ['function', 'tables', 'keys'],
    readersTitle: 'Who may read',
    else: 'Beside these, logs hold request ids, routes, codes, clients and durations, and nothing of persons. The four attributes are never stored.',
  },
  ja: {
    title: 'データ一覧',
    other: '[English](data-inventory.md)',
    intro:
      '基盤が書く記録のすべての種類。個人情報保護評価のための一覧です。`lib/documentation/data-inventory.ts` から `node bin/write-data-inventory.ts` で作り、ページとの一致、またコードが書く記録との一致を試験で確かめています。目的は公表されたプライバシーポリシーのもの、法的根拠は配備ごとに `lib/documentation/legal-grounds.json` で定めます。',
    columns: ['種類', '内容', '項目', '個人情報', '目的', '封印する鍵', '保存期間', '根拠'],
    yes: 'はい',
    no: 'いいえ',
    grounds: '法的根拠',
    scheduleTitle: '保存期間の一覧',
    schedule:
      '設定（`docs/deploy.ja.md`）は範囲外なら拒まれ、記録を書くときの期限となり、夜間処理の基準にもなります。短くすると、以前の代理の請求は次の夜に消えます。決定済みの訂正の請求は、決定時の期限のままです。本人についてのほかの記録は、本人の削除まで保存します。',
    scheduleColumns: ['対象', '定め', '既定の日数', '削除の方法'],
    fixed: '固定',
    readers:
      '読めるのは、テーブルの `GetItem`・`Query`・`Scan` と鍵の `GenerateMac` をもつ次の関数だけです。人や他の役割には鍵のポリシーが拒みます。',
    readerColumns: ['関数', 'テーブル', '鍵'],
    readersTitle: '読める者',
    else: 'このほかログには要求番号・経路・コード・クライアント・所要時間が残りますが、個人に関するものはありません。四情報は保存しません。',
  },
} as const;

/** Functions that read a table, with the key families that they may derive. */
export type Readers = Readonly<
  Record<string, { readonly tables: readonly string[]; readonly keys: readonly string[] }>
>;

/**
 * Held by the test against what each capability's tests say of its roles (`grants.ts`). After a new
 * function: add it here and run `node bin/write-data-inventory.ts`.
 */
export const readers: Readers = {
  AttributeStatus: {
    tables: ['Identity', 'Revocation'],
    keys: ['index', 'service', 'bucket'],
  },
  Authentications: {
    tables: ['Identity', 'Revocation'],
    keys: ['index', 'service', 'bucket'],
  },
  Authorizer: {
    tables: ['Services'],
    keys: [],
  },
  Certificates: {
    tables: ['Revocation'],
    keys: [],
  },
  CompareLists: {
    tables: ['Identity', 'Revocation'],
    keys: ['index', 'service', 'bucket'],
  },
  Consents: {
    tables: ['Identity'],
    keys: ['index', 'service'],
  },
  DeliverAnnouncements: {
    tables: ['Identity'],
    keys: ['index', 'service', 'bucket'],
  },
  Events: {
    tables: ['Identity'],
    keys: ['index', 'service'],
  },
  IngestCrl: {
    tables: ['Revocation'],
    keys: [],
  },
  JobChunk: {
    tables: ['Identity', 'Jobs', 'Revocation'],
    keys: ['index', 'service', 'bucket'],
  },
  JobFinish: {
    tables: ['Jobs'],
    keys: [],
  },
  JobPlan: {
    tables: ['Jobs', 'Revocation'],
    keys: [],
  },
  Jobs: {
    tables: ['Jobs'],
    keys: [],
  },
  KeyVersions: {
    tables: ['Identity', 'Services'],
    keys: ['index', 'service', 'bucket'],
  },
  LibraryLinks: {
    tables: ['Identity'],
    keys: ['index', 'service', 'bucket'],
  },
  Links: {
    tables: ['Identity'],
    keys: ['index', 'service'],
  },
  NotifyWebhooks: {
    tables: ['Identity', 'Services'],
    keys: ['service'],
  },
  Persons: {
    tables: ['Identity'],
    keys: ['index', 'service', 'bucket'],
  },
  ReadingScreen: {
    tables: ['Services'],
    keys: [],
  },
  ReadingSessions: {
    tables: ['Identity', 'Revocation', 'Services', 'Sessions'],
    keys: ['index', 'service', 'bucket'],
  },
  RevocationChecks: {
    tables: ['Revocation'],
    keys: [],
  },
  Rights: {
    tables: ['Identity', 'Revocation', 'Services'],
    keys: ['index', 'service', 'bucket'],
  },
  RightsSweep: {
    tables: ['Identity'],
    keys: ['index', 'service', 'bucket'],
  },
  Services: {
    tables: ['Services'],
    keys: [],
  },
  Terminals: {
    tables: ['Services'],
    keys: [],
  },
  Tokens: {
    tables: ['Services'],
    keys: [],
  },
  WatchLists: {
    tables: ['Revocation'],
    keys: [],
  },
  Webhooks: {
    tables: ['Services'],
    keys: [],
  },
};

/** The page, Markdown, not yet aligned. */
export function inventoryPage(language: 'en' | 'ja', who: Readers): string {
  const say = headings[language];
  const parts = Object.entries(places).map(([place, name]) => {
    const rows = inventory
      .filter((each) => each.place === place)
      .map((each) => [
        `\`${each.kind}\``,
        each.holds[language],
        each.fields.map((field) => `\`${field}\``).join(' ') || '–',
        each.isPersonal ? say.yes : say.no,
        each.purposes.map((purpose) => purposes[purpose][language]).join('; '),
        sealNames[each.sealedUnder][language],
        periods[each.period][language],
        `\`${each.ground}\``,
      ]);
    return `## ${name[language][0]!.toUpperCase()}${name[language].slice(1)}\n\n${table(say.columns, rows)}`;
  });
  const grounds = Object.entries(legalGrounds).map(([ground, meaning]) => [
    `\`${ground}\``,
    meaning[language],
  ]);
  const scheduled = schedule.map(({ of, setting, fixedMs, enforcedBy }) => [
    of[language],
    setting === undefined ? say.fixed : `\`${setting}\``,
    setting === undefined ? String(fixedMs! / 86_400_000) : settings[setting].otherwise,
    enforcedBy.map((each) => means[each][language]).join('; '),
  ]);
  const readerRows = Object.entries(who).map(([name, { tables, keys }]) => [
    `\`${name}\``,
    tables.join(', '),
    keys.join(', ') || '–',
  ]);
  return `# ${say.title}

${say.other}

${say.intro}

${parts.join('\n\n')}

## ${say.scheduleTitle}

${say.schedule}

${table(say.scheduleColumns, scheduled)}

## ${say.readersTitle}

${say.readers}

${table(say.readerColumns, readerRows)}

## ${say.grounds}

${table(['id', say.grounds], grounds)}

${say.else}
`;
}

const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [columns, columns.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
