import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { printAnswer, row } from './answer-text.ts';
import { clientOptions } from './client-options.ts';
import { CommandFailure, exitCodes, required } from './run-command.ts';
import { runVerb, type VerbCall } from './verb-of.ts';

export const name = 'rights';
export const summary = 'operators: requests for correction, requests of guardians and agents';

const usage = `
Usage: npx mykey rights corrections --key FILE [options]
       npx mykey rights propose ID --key FILE --outcome OUTCOME --reason TEXT [options]
       npx mykey rights approve ID --key FILE [options]
       npx mykey rights requests --key FILE [options]
       npx mykey rights take BODY --key FILE [options]
       npx mykey rights perform ID --key FILE [options]

For operators. "corrections" lists what persons asked to be corrected and nobody has decided; "propose"
says what becomes of one, and another operator runs "approve" with a key of their own. A record of two
persons is split first: "npx mykey person flags FLAG", with the flag of the request.

"requests" lists what was asked on behalf of persons; "take" files such a request and another operator
runs "perform", which approves it and does it. A disclosure is printed once and stored nowhere.

After a call without answer, look at the list before you repeat it; to repeat "approve" and "perform" is
always safe. "approve" of a decided request answers rights-request-not-found.

  --key FILE         the operator's private key: JWK, or PEM
  --client ID        the operator's client id (default: the key file's client_id)
  --url URL          the platform (default http://localhost:8080)
  --json             print the platform's answer as JSON
  --outcome OUTCOME  propose: corrected, refused or passed-to-service
  --reason TEXT      propose: why; the person reads it. Without names, numbers or identifiers
  BODY               take: a file with the JSON of POST /v1/rights/behalf, or - for standard input, so
                     that no identifier of a person stands in the command line

使い方: 運用者用。本人からの訂正の請求と、法定代理人・任意代理人からの請求を扱います。
  corrections    未決定の訂正請求の一覧
  propose        訂正請求の結論を提案する。--reason は本人が読む
                 corrected(訂正した)、refused(訂正しない)、passed-to-service(サービスへ回付)
  approve        別の運用者が自分の鍵で、提案された結論を承認する
  requests       代理人からの請求の一覧
  take           代理人からの請求を受け付ける。本人の識別子はコマンド行に書かず、ファイルか標準入力で渡す
  perform        別の運用者が自分の鍵で承認し、実行する。開示の内容は一度だけ表示し、保存しない
二人分が混ざった記録の訂正は、先に請求の要確認事項から分割します(npx mykey person --help)。

Exit code: 0 done, 1 refused by the platform, 64 wrong usage, 65 BODY is not JSON, 66 a file cannot be
read, 69 the platform does not answer.
`;

interface CorrectionBody {
  readonly requestId: string;
  readonly about: string;
  readonly serviceId?: string;
  readonly statement?: string;
  readonly by: string;
  readonly requestedAt: string;
  readonly flagId?: string;
  readonly proposal?: {
    readonly outcome: string;
    readonly reason: string;
    readonly operator: string;
    readonly proposedAt: string;
  };
  readonly outcome?: { readonly outcome: string; readonly reason: string; readonly at: string };
}

interface RequestBody {
  readonly requestId: string;
  readonly act: string;
  readonly basis: string;
  readonly fileReference: string;
  readonly requestedAt: string;
  readonly approvedAt?: string;
}

interface PerformedBody {
  readonly act: string;
  readonly use?: {
    readonly suspended: boolean;
    readonly suspendedBy?: string;
    readonly deletion?: { readonly dueAt: string };
  };
  readonly disclosure?: object;
  readonly correction?: CorrectionBody;
}

const options = {
  ...clientOptions,
  json: { type: 'boolean', default: false },
  outcome: { type: 'string' },
  reason: { type: 'string' },
} as const;

type Values = ReturnType<typeof parse>['values'];
const parse = (argv: string[]) => parseArgs({ args: argv, allowPositionals: true, options });

type Call = VerbCall<Values>;

const verbs: Readonly<Record<string, (call: Call) => Promise<void>>> = {
  corrections: listCorrections,
  propose,
  approve,
  requests: listRequests,
  take,
  perform,
};

export const run = (argv: string[]): Promise<number> =>
  runVerb({ name, usage }, argv, parse, verbs);

const correctionsPath = '/v1/rights/corrections';
const behalfPath = '/v1/rights/behalf';

async function listCorrections({ platform, values }: Call): Promise<void> {
  const corrections: CorrectionBody[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await platform.request<{
      readonly corrections: readonly CorrectionBody[];
      readonly next?: string;
    }>('POST', `${correctionsPath}/list`, cursor === undefined ? {} : { cursor });
    corrections.push(...page.corrections);
    cursor = page.next;
    if (cursor === undefined) break;
  }
  printAnswer(values, { corrections }, corrections.map(correctionText).join('\n\n') || 'none');
}

async function propose({ platform, values, id }: Call): Promise<void> {
  const body = {
    requestId: required(id, 'ID'),
    outcome: required(values.outcome, '--outcome'),
    reason: required(values.reason, '--reason'),
  };
  const path = `${correctionsPath}/proposals`;
  const correction = await platform.request<CorrectionBody>('POST', path, body);
  printAnswer(values, correction, correctionText(correction));
}

async function approve({ platform, values, id }: Call): Promise<void> {
  const body = { requestId: required(id, 'ID') };
  const path = `${correctionsPath}/approvals`;
  const correction = await platform.request<CorrectionBody>('POST', path, body);
  printAnswer(values, correction, correctionText(correction));
}

async function listRequests({ platform, values }: Call): Promise<void> {
  const path = `${behalfPath}/list`;
  const { requests } = await platform.request<{ readonly requests: readonly RequestBody[] }>(
    'POST',
    path,
    {},
  );
  printAnswer(values, { requests }, requests.map(requestText).join('\n\n') || 'none');
}

async function take({ platform, values, id }: Call): Promise<void> {
  const body = await bodyIn(required(id, 'BODY'));
  const request = await platform.request<RequestBody>('POST', behalfPath, body);
  printAnswer(values, request, requestText(request));
}

async function perform({ platform, values, id }: Call): Promise<void> {
  const body = { requestId: required(id, 'ID') };
  const performed = await platform.request<PerformedBody>('POST', `${behalfPath}/approve`, body);
  printAnswer(values, performed, performedText(performed));
}

/** Never shown in an error: it names a person. */
async function bodyIn(path: string): Promise<unknown> {
  const content = await (path === '-' ? text(process.stdin) : readFile(path, 'utf8'));
  try {
    return JSON.parse(content);
  } catch {
    throw new CommandFailure(`${path}: give a file with JSON`, exitCodes.dataUnreadable);
  }
}

const correctionText = (correction: CorrectionBody): string =>
  [
    ...row('request', correction.requestId),
    ...row('about', correction.about),
    ...row('service', correction.serviceId),
    ...row('statement', correction.statement),
    ...row('asked', `${correction.requestedAt} by ${correction.by}`),
    ...row('flag', correction.flagId),
    ...outcomeRows(correction),
  ].join('\n');

function outcomeRows({ proposal, outcome }: CorrectionBody): readonly string[] {
  if (outcome !== undefined)
    return [
      ...row('outcome', outcome.outcome),
      ...row('reason', outcome.reason),
      ...row('decided', outcome.at),
    ];
  if (proposal === undefined) return row('state', 'waits for a proposal');
  return [
    ...row('outcome', proposal.outcome),
    ...row('reason', proposal.reason),
    ...row('proposed', `${proposal.proposedAt} by key ${proposal.operator}`),
    ...row('state', 'waits for another operator'),
  ];
}

const requestText = (request: RequestBody): string =>
  [
    ...row('request', request.requestId),
    ...row('act', request.act),
    ...row('basis', request.basis),
    ...row('papers', request.fileReference),
    ...row('taken', request.requestedAt),
    ...row('state', request.approvedAt ? undefined : 'waits for another operator'),
    ...row('approved', request.approvedAt),
  ].join('\n');

const performedText = ({ act, use, disclosure, correction }: PerformedBody): string =>
  [
    ...row('act', act),
    ...(use === undefined
      ? []
      : row('suspended', use.suspended ? `by the ${use.suspendedBy ?? 'person'}` : 'no')),
    ...row('deletion due', use?.deletion?.dueAt),
    ...(disclosure === undefined ? [] : [JSON.stringify(disclosure, null, 2)]),
    ...(correction === undefined ? [] : [correctionText(correction)]),
  ].join('\n');
