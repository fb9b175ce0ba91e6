import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { printAnswer, row } from './answer-text.ts';
import { clientOptions } from './client-options.ts';
import { PlatformClient } from './platform-client.ts';
import { CommandFailure, exitCodes, required } from './run-command.ts';
import { runVerb, type VerbCall } from './verb-of.ts';

export const name = 'person';
export const summary = 'operators: flags about who is one person, merges and splits';

const usage = `
Usage: npx mykey person flags [ID] --key FILE [--state STATE] [options]
       npx mykey person settle ID --key FILE --reason TEXT [options]
       npx mykey person merge ID --key FILE --keep N --reason TEXT [options]
       npx mykey person split ID --key FILE --person N --certificate LABEL … --reason TEXT [options]
       npx mykey person acts --key FILE [options]
       npx mykey person approve ACT --key FILE [options]

For operators. A flag says that sources disagree on who is one person; ID is the flag's id. "flags ID"
shows its persons with numbers and their certificates with labels, which merge and split take. No serial
number, PPID or service is shown.

merge and split cannot be undone: they are proposals until another operator runs "approve" with a key
of their own, within 14 days. "acts" lists proposals and what was performed lately.
After a call without answer, look at "acts" before you repeat it; to repeat "approve" is always safe.

  --key FILE            the operator's private key: JWK, or PEM
  --client ID           the operator's client id (default: the key file's client_id)
  --url URL             the platform (default http://localhost:8080)
  --json                print the platform's answer as JSON
  --state STATE         flags: open (default), settled or all
  --keep N              merge: the person whose PPIDs stay current; the other is absorbed
  --person N            split: the person (default 1)
  --certificate LABEL   split: a certificate that leaves; repeat for more
  --reason TEXT         why, without names, numbers or identifiers of persons

使い方: 運用者用。二つの記録が一人か、一つの記録が二人かを決めます。
  flags          要確認事項の一覧。ID を付けると、その本人(番号)と証明書(ラベル)を示す
                 (シリアル・PPID・サービスは表示しない)
  settle         記録をそのままとして要確認事項を閉じる
  merge, split   統合・分割を提案する。取り消せないため、別の運用者が自分の鍵で approve するまで
                 何も変わらない(14日以内)
  acts           提案中の処理と最近行われた処理
  approve        提案を承認して実行する

Exit code: 0 done, 1 refused by the platform, 64 wrong usage, 66 a file cannot be read, 69 the platform
does not answer.
`;

interface FlagBody {
  readonly flagId: string;
  readonly kind: string;
  readonly seenAt: string;
  readonly state: string;
  readonly settledAs?: string;
  readonly settledAt?: string;
  readonly persons?: readonly PersonBody[];
}

interface PersonBody {
  readonly handle: string;
  readonly suspended: boolean;
  readonly merged: number;
  readonly services: number;
  readonly certificates: readonly {
    readonly handle: string;
    readonly label: string;
    readonly kind: string;
    readonly filedOn: string;
    readonly superseded: boolean;
    readonly predecessor: string;
  }[];
  readonly acts: readonly {
    readonly actId: string;
    readonly kind: string;
    readonly at: string;
    readonly reason: string;
  }[];
}

interface ActBody {
  readonly actId: string;
  readonly kind: string;
  readonly flagId: string;
  readonly state: string;
  readonly operator: string;
  readonly reason: string;
  readonly certificates?: readonly string[];
  readonly proposedAt: string;
  readonly expiresAt: string;
  readonly approvedBy?: string;
  readonly doneAt?: string;
  readonly services?: number;
}

const options = {
  ...clientOptions,
  json: { type: 'boolean', default: false },
  state: { type: 'string' },
  keep: { type: 'string' },
  person: { type: 'string', default: '1' },
  certificate: { type: 'string', multiple: true },
  reason: { type: 'string' },
} as const;

type Values = ReturnType<typeof parse>['values'];
const parse = (argv: string[]) => parseArgs({ args: argv, allowPositionals: true, options });

type Call = VerbCall<Values>;

const verbs: Readonly<Record<string, (call: Call) => Promise<void>>> = {
  flags: (call) => (call.id === undefined ? listFlags(call) : showFlag(call)),
  settle,
  merge,
  split,
  acts: listActs,
  approve,
};

export const run = (argv: string[]): Promise<number> =>
  runVerb({ name, usage }, argv, parse, verbs);

const flagsPath = '/v1/persons/flags';
const actsPath = '/v1/persons/acts';

async function listFlags({ platform, values }: Call): Promise<void> {
  const state = values.state ?? 'open';
  const flags = await everyPage<FlagBody>(
    platform,
    `${flagsPath}?state=${state}&limit=100`,
    'flags',
  );
  printAnswer(values, { flags }, flags.map(flagLine).join('\n') || 'none');
}

async function listActs({ platform, values }: Call): Promise<void> {
  const acts = await everyPage<ActBody>(platform, `${actsPath}?limit=100`, 'acts');
  printAnswer(values, { acts }, acts.map(actText).join('\n\n') || 'none');
}

async function everyPage<T>(
  platform: PlatformClient,
  path: string,
  member: string,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let cursor = ''; ;) {
    const page = await platform.request<Readonly<Record<string, unknown>>>('GET', path + cursor);
    all.push(...(page[member] as readonly T[]));
    if (typeof page['next'] !== 'string') return all;
    cursor = `&cursor=${encodeURIComponent(page['next'])}`;
  }
}

const readFlag = (platform: PlatformClient, id: string | undefined): Promise<FlagBody> =>
  platform.request('GET', `${flagsPath}/${encodeURIComponent(required(id, 'ID'))}`);

async function showFlag({ platform, values, id }: Call): Promise<void> {
  const flag = await readFlag(platform, id);
  const persons = (flag.persons ?? []).map((person, index) => personText(person, index + 1));
  printAnswer(values, flag, [flagLine(flag), ...persons].join('\n\n'));
}

async function settle({ platform, values, id }: Call): Promise<void> {
  const path = `${flagsPath}/${encodeURIComponent(required(id, 'ID'))}/settlement`;
  const reason = required(values.reason, '--reason');
  const flag = await platform.request<FlagBody>('POST', path, { reason });
  printAnswer(values, flag, flagLine(flag));
}

async function merge(call: Call): Promise<void> {
  const { persons = [], flagId } = await readFlag(call.platform, call.id);
  if (persons.length !== 2) {
    throw new CommandFailure('the flag does not concern two persons', exitCodes.failed);
  }
  const keep = numbered(persons, required(call.values.keep, '--keep'), '--keep');
  const absorb = persons.find((person) => person !== keep)!;
  await propose(call, { kind: 'merge', flagId, keep: keep.handle, absorb: absorb.handle });
}

async function split(call: Call): Promise<void> {
  const { persons = [], flagId } = await readFlag(call.platform, call.id);
  const { values } = call;
  const person = numbered(persons, values.person, '--person');
  const certificates = required(values.certificate, '--certificate').map((label) => {
    const found = person.certificates.find((each) => each.label === label);
    if (found !== undefined) return found.handle;
    const labels = person.certificates.map((each) => each.label).join(', ');
    throw new CommandFailure(`--certificate is one of ${labels}`, exitCodes.usage);
  });
  await propose(call, { kind: 'split', flagId, person: person.handle, certificates });
}

async function propose({ platform, values }: Call, wish: object): Promise<void> {
  const reason = required(values.reason, '--reason');
  // A repetition with the same key finds the proposal that a call without answer made.
  const headers = { 'idempotency-key': randomUUID() };
  const call = () => platform.request<ActBody>('POST', actsPath, { ...wish, reason }, headers);
  const act = await call().catch(async (error: unknown) => {
    const isUnclear = error instanceof CommandFailure && error.exitCode === exitCodes.unavailable;
    if (!isUnclear) throw error;
    return call();
  });
  printAnswer(values, act, actText(act));
}

async function approve({ platform, values, id }: Call): Promise<void> {
  const path = `${actsPath}/${encodeURIComponent(required(id, 'ACT'))}/approval`;
  const act = await platform.request<ActBody>('POST', path, {});
  printAnswer(values, act, actText(act));
}

function numbered<T>(all: readonly T[], number: string, option: string): T {
  const found = /^\d+$/.test(number) ? all[Number(number) - 1] : undefined;
  if (found !== undefined) return found;
  throw new CommandFailure(`${option} is from 1 to ${all.length}`, exitCodes.usage);
}

const flagLine = ({ flagId, kind, seenAt, state, settledAs }: FlagBody): string =>
  `${flagId}  ${state.padEnd(7)}  ${seenAt}  ${kind}${settledAs === undefined ? '' : ` → ${settledAs}`}`;

const personText = (person: PersonBody, number: number): string =>
  [
    `person ${number}${person.suspended ? ', suspended' : ''}`,
    ...row('  services', person.services),
    ...row('  merged', person.merged),
    ...person.certificates.map(
      ({ label, kind, filedOn, superseded, predecessor }) =>
        `  certificate ${label}: ${kind}, filed ${filedOn}${superseded ? ', superseded' : ''}, predecessor ${predecessor}`,
    ),
    ...person.acts.map(({ kind, at, reason }) => `  ${kind} ${at}: ${reason}`),
  ].join('\n');

const actText = (act: ActBody): string =>
  [
    ...row('act', act.actId),
    ...row('kind', act.kind),
    ...row('state', act.state),
    ...row('flag', act.flagId),
    ...row('certificates', act.certificates?.join(' ')),
    ...row('reason', act.reason),
    ...row('proposed', `${act.proposedAt} by key ${act.operator}`),
    ...(act.doneAt === undefined
      ? row('approve by', act.expiresAt)
      : row('done', `${act.doneAt}, approved by key ${act.approvedBy}`)),
    ...row('services', act.services),
  ].join('\n');
