import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { JWK } from 'jose';
import { printAnswer, row } from './answer-text.ts';
import { clientOptions } from './client-options.ts';
import { jwksWithProofs, type SetMember } from './key-proofs.ts';
import { existingKey, nameClient, pendingKey } from './new-key.ts';
import { isOutcomeUnknown, issuerOf, PlatformClient, platformTime } from './platform-client.ts';
import { CommandFailure, exitCodes, required } from './run-command.ts';
import { runVerb, type VerbCall } from './verb-of.ts';

export const name = 'service';
export const summary = 'register, list and show services, suspend them, rotate their keys';

const usage = `
Usage: npx mykey service register --key FILE --name NAME --organisation NAME --type TYPE
                                  (--jwks FILE | --out FILE) [options]
       npx mykey service list --key FILE [options]
       npx mykey service show [ID] --key FILE [options]
       npx mykey service suspend ID --key FILE [options]
       npx mykey service activate ID --key FILE [options]
       npx mykey service rotate-keys [ID] --key FILE (--out FILE | --jwks FILE | --only) [options]

register, suspend and activate are the operator's. A service's own client lists and shows its own
service and rotates its own keys; it may leave ID out.

  --key FILE           the caller's private key: JWK, or PEM
  --client ID          the caller's client id (default: the key file's client_id)
  --url URL            the platform (default http://localhost:8080)
  --json               print the platform's answer as JSON
  --name NAME          register: the service, as people know it
  --organisation NAME  register: a new organisation, or the id (org_…) of one that exists
  --type TYPE          register: library, type1 or type2
  --status STATUS      register: applied (default), testing or active
  --pledge FILE        register, activate: the signed confidentiality pledge of a Type 1 service; its
                       digest is recorded, the document stays here
  --pledge-version TEXT, --pledge-signer ROLE, --pledge-date YYYY-MM-DD
                       with --pledge: version of its text, the signer's office (not the name), the date
  --counter FILE       register: terms for reading cards (JSON; docs/counter.md)
  --jwks FILE          the set that the service made by "npx mykey jwks --for …": keys and proofs
  --out FILE           make a new key pair; the private key goes here, readable by you alone. An
                       existing file is never overwritten. After an unclear failure repeat the same
                       command: it goes on with the key and the request in that file
  --alg ALG            for --out: ES256 (default), ES384, PS256 or RS256
  --only               rotate-keys: keep the key of --key alone; the last step of a rotation

A rotation has three steps: rotate-keys --out NEW registers the new key beside the old ones; the
service switches to NEW; rotate-keys --key NEW --only withdraws the old ones.

使い方: 登録・停止・再開は運用者だけが行えます。サービス自身のクライアントは、自分のサービスの表示と
鍵の更新ができます(ID は省略可)。
  --pledge     タイプ 1 の機密保持の誓約書。要約値(SHA-256)・版・署名者の役職・日付だけを記録する
  register     サービスを登録する。--jwks には申請者が作ったファイル(公開鍵と所持証明)を渡す。
               --out は新しい鍵の組を作り、秘密鍵を本人だけが読めるファイル(0600)に書く。
               既にあるファイルは上書きしない。結果が分からない失敗の後は、同じコマンドを
               もう一度実行すれば、そのファイルの鍵と要求で続ける
  list, show   サービスの一覧と詳細
  suspend, activate
               利用の停止と再開。60秒以内に効く
  rotate-keys  鍵の更新。--out NEW で新しい鍵を加え、サービスが NEW に切り替えた後、
               --key NEW --only で古い鍵を外す

Exit code: 0 done, 1 refused by the platform, 64 wrong usage, 66 a file cannot be read, 69 the platform
does not answer.
`;

interface ServiceBody {
  readonly serviceId: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly organisationId?: string;
  readonly sectorId?: string;
  readonly clients?: readonly { readonly clientId: string; readonly scopes: readonly string[] }[];
  readonly organisation?: { readonly organisationId: string; readonly name: string };
  readonly pledges?: readonly {
    readonly documentSha256: string;
    readonly version: string;
    readonly signerRole: string;
    readonly signedOn: string;
  }[];
  readonly createdAt?: string;
  readonly updatedAt?: string;
  readonly ignoredKeys?: readonly string[];
}

interface ServicePage {
  readonly services: readonly ServiceBody[];
  readonly next?: string;
}

interface SetBody {
  readonly keys: readonly JWK[];
  readonly ignored?: readonly string[];
}

const options = {
  ...clientOptions,
  json: { type: 'boolean', default: false },
  name: { type: 'string' },
  organisation: { type: 'string' },
  type: { type: 'string' },
  status: { type: 'string' },
  pledge: { type: 'string' },
  'pledge-version': { type: 'string' },
  'pledge-signer': { type: 'string' },
  'pledge-date': { type: 'string' },
  counter: { type: 'string' },
  jwks: { type: 'string' },
  out: { type: 'string' },
  alg: { type: 'string' },
  only: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parse>['values'];
const parse = (argv: string[]) => parseArgs({ args: argv, allowPositionals: true, options });

type Call = VerbCall<Values>;

const verbs: Readonly<Record<string, (call: Call) => Promise<void>>> = {
  register,
  list,
  show,
  suspend: (call) => move(call, 'suspended'),
  activate: (call) => move(call, 'active'),
  'rotate-keys': rotateKeys,
};

export const run = (argv: string[]): Promise<number> =>
  runVerb({ name, usage }, argv, parse, verbs);

async function register({ platform, values, id }: Call): Promise<void> {
  if (id !== undefined) throw new CommandFailure('a new service has no ID yet', exitCodes.usage);
  const serviceName = required(values.name, '--name');
  const organisation = required(values.organisation, '--organisation');
  const wish = {
    organisation: /^org_[\w-]+$/.test(organisation)
      ? { organisationId: organisation }
      : { name: organisation },
    name: serviceName,
    type: required(values.type, '--type'),
    ...(values.status !== undefined && { status: values.status }),
    ...(await pledgeOf(values)),
    ...(values.counter !== undefined && { counter: await objectInFile(values.counter) }),
  };
  if ((values.jwks === undefined) === (values.out === undefined)) {
    throw new CommandFailure('give either --jwks or --out', exitCodes.usage);
  }
  const service = await (values.out === undefined
    ? registerSet(platform, { ...wish, jwks: await setInFile(values.jwks!) })
    : registerNewKey(platform, values, wish));
  printAnswer(values, service, serviceText(service));
}

/**
 * The Idempotency-Key is the digest of the request: the same command with the same file returns the
 * first answer and creates no second service.
 */
function createService(platform: PlatformClient, request: object): Promise<ServiceBody> {
  const key = createHash('sha256').update(JSON.stringify(request)).digest('base64url');
  return platform.request('POST', '/v1/services', request, { 'idempotency-key': key });
}

/** A call without an answer is repeated once. */
async function onceMore<T>(act: (isFirst: boolean) => Promise<T>): Promise<T> {
  try {
    return await act(true);
  } catch (error) {
    const isUnanswered =
      error instanceof CommandFailure && error.exitCode === exitCodes.unavailable;
    if (!isUnanswered) throw error;
    return act(false);
  }
}

const registerSet = (platform: PlatformClient, request: object): Promise<ServiceBody> =>
  onceMore(() => createService(platform, request));

/** The request is kept in the key file until its outcome is known: a repeat sends the same. */
async function registerNewKey(
  platform: PlatformClient,
  values: Values,
  wish: { readonly name: string },
): Promise<ServiceBody> {
  const purpose = { url: values.url, register: wish };
  const { out } = values as { out: string };
  // The platform is called first: if it does not answer, no key file is left behind.
  const { body, isNew } = await pendingKey(out, values.alg ?? 'ES256', purpose, async (key) => ({
    ...wish,
    jwks: await jwksWithProofs([key], await termsFor(values, wish.name)),
  }));
  const service = await onceMore((isFirst) =>
    withPendingKey({ out, isNew: isNew && isFirst }, () => createService(platform, body)),
  );
  await nameClient(out, service.clients![0]!.clientId);
  return service;
}

const termsFor = async ({ url }: Values, subject: string) => ({
  issuer: await issuerOf(url),
  subject,
  now: await platformTime(url),
});

/** The record of a pledge: the document is read for its digest only. */
async function pledgeOf(values: Values): Promise<object> {
  if (values.pledge === undefined) return {};
  const document = await readFile(values.pledge);
  return {
    pledge: {
      documentSha256: createHash('sha256').update(document).digest('hex'),
      version: required(values['pledge-version'], '--pledge-version'),
      signerRole: required(values['pledge-signer'], '--pledge-signer'),
      signedOn: required(values['pledge-date'], '--pledge-date'),
    },
  };
}

async function objectInFile(path: string): Promise<object> {
  const text = await readFile(path, 'utf8');
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read;
  } catch {
    // Reported below.
  }
  throw new CommandFailure(`${path}: a JSON object is needed`, exitCodes.dataUnreadable);
}

async function setInFile(path: string): Promise<object> {
  const text = await readFile(path, 'utf8');
  try {
    const set: unknown = JSON.parse(text);
    if (typeof set === 'object' && set !== null && !Array.isArray(set)) return set;
  } catch {
    // Reported below.
  }
  throw new CommandFailure(
    `${path}: a JWK Set is needed, as "npx mykey jwks --for …" prints it`,
    exitCodes.dataUnreadable,
  );
}

/**
 * A refusal before any unclear outcome registered nothing: the key file that was just written is
 * removed. Otherwise the file stays, and the repeated command goes on with it.
 */
async function withPendingKey<T>(
  { out, isNew }: { readonly out: string; readonly isNew: boolean },
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    if (isNew && !isOutcomeUnknown(error)) {
      await rm(out);
      throw error;
    }
    const repeat = `repeat the same command: it goes on with the key in ${out}`;
    throw new CommandFailure(`${error.message}\n${repeat}`, error.exitCode, { cause: error });
  }
}

async function list({ platform, values }: Call): Promise<void> {
  const services: ServiceBody[] = [];
  for (let cursor: string | undefined; ;) {
    const query = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await platform.request<ServicePage>('GET', `/v1/services?limit=100${query}`);
    services.push(...page.services);
    cursor = page.next;
    if (cursor === undefined) break;
  }
  printAnswer(
    values,
    { services },
    services
      .map(
        ({ serviceId, status, type, name: called, organisation }) =>
          `${serviceId}  ${status.padEnd(9)}  ${type.padEnd(7)}  ${called} (${organisation?.name ?? ''})`,
      )
      .join('\n'),
  );
}

async function show({ platform, values, id }: Call): Promise<void> {
  const serviceId = await idOr(platform, id);
  const service = await platform.request<ServiceBody>('GET', `/v1/services/${serviceId}`);
  const { keys } = await platform.request<SetBody>('GET', `/v1/services/${serviceId}/jwks`);
  printAnswer(
    values,
    { ...service, jwks: { keys } },
    [serviceText(service), ...keysText(keys)].join('\n'),
  );
}

async function move({ platform, values, id }: Call, status: string): Promise<void> {
  const serviceId = encodeURIComponent(required(id, 'ID'));
  const service = await platform.request<ServiceBody>('PUT', `/v1/services/${serviceId}/status`, {
    status,
    ...(await pledgeOf(values)),
  });
  printAnswer(values, service, serviceText(service));
}

async function rotateKeys({ platform, values, id }: Call): Promise<void> {
  const ways = [values.out, values.jwks, values.only ? 'only' : undefined];
  if (ways.filter((way) => way !== undefined).length !== 1) {
    throw new CommandFailure('give one of --out, --jwks and --only', exitCodes.usage);
  }
  const serviceId = await idOr(platform, id);
  const path = `/v1/services/${serviceId}/jwks`;
  const stored =
    values.out === undefined
      ? await platform.request<SetBody>('PUT', path, await rotatedSet(platform, values, path))
      : await addNewKey(platform, values, serviceId, path);
  printAnswer(values, stored, keysText(stored.keys, stored.ignored).join('\n'));
}

async function rotatedSet(platform: PlatformClient, values: Values, path: string): Promise<object> {
  if (values.jwks !== undefined) return setInFile(values.jwks);
  const { keys } = await platform.request<SetBody>('GET', path);
  const own = await existingKey(values.key!, values.alg);
  const kept = keys.filter((jwk) => samePublicKey(jwk, own.jwk));
  if (kept.length === 0) {
    throw new CommandFailure('--only keeps the key of --key, which is not registered here');
  }
  return { keys: kept };
}

/** Repeated after an unclear outcome, it adds the same key, or finds that it was added. */
async function addNewKey(
  platform: PlatformClient,
  values: Values,
  serviceId: string,
  path: string,
): Promise<SetBody> {
  const { out } = values as { out: string };
  const { clients } = await platform.request<ServiceBody>('GET', `/v1/services/${serviceId}`);
  const { keys } = await platform.request<SetBody>('GET', path);
  const terms = await termsFor(values, serviceId);
  const purpose = { url: values.url, rotateKeysOf: serviceId };
  const made = await pendingKey(out, values.alg ?? 'ES256', purpose, async () => undefined);
  const others: readonly SetMember[] = keys
    .filter((jwk) => !samePublicKey(jwk, made.key.jwk))
    .map((jwk) => ({ jwk }));
  const set = await jwksWithProofs([...others, made.key], terms);
  const stored = await withPendingKey({ out, isNew: made.isNew }, () =>
    platform.request<SetBody>('PUT', path, set),
  );
  await nameClient(out, clients![0]!.clientId);
  return stored;
}

const samePublicKey = (a: JWK, b: JWK): boolean =>
  a.kty === b.kty && a.n === b.n && a.x === b.x && a.y === b.y;

/** A service's own client may omit the service's id. */
async function idOr(platform: PlatformClient, id: string | undefined): Promise<string> {
  if (id !== undefined) return encodeURIComponent(id);
  const { services, next } = await platform.request<ServicePage>('GET', '/v1/services?limit=2');
  const [own] = services;
  if (own !== undefined && services.length === 1 && next === undefined) return own.serviceId;
  throw new CommandFailure('give the ID of the service ("list" shows them)', exitCodes.usage);
}

const serviceText = (service: ServiceBody): string =>
  [
    ...row('service', service.serviceId),
    ...row('name', service.name),
    ...row('organisation', service.organisationId),
    ...row('type', service.type),
    ...row('status', service.status),
    ...(service.pledges ?? []).flatMap(({ version, signerRole, signedOn, documentSha256 }) =>
      row('pledge', `${signedOn}  ${version}  ${signerRole}  sha256 ${documentSha256}`),
    ),
    ...(service.clients ?? []).flatMap(({ clientId, scopes }) => [
      ...row('client', clientId),
      ...row('scopes', scopes.join(' ')),
    ]),
    ...row('registered', service.createdAt),
    ...row('changed', service.updatedAt),
    ...(service.ignoredKeys ?? []).flatMap((ignored) => row('left out', ignored)),
  ].join('\n');

const keysText = (keys: readonly JWK[], ignored: readonly string[] = []): readonly string[] => [
  ...keys.flatMap(({ kid, alg, kty, crv }) =>
    row('key', `${kid}  ${alg ?? (kty === 'RSA' ? 'RS256 or PS256' : '')} ${crv ?? ''}`.trimEnd()),
  ),
  ...ignored.flatMap((one) => row('left out', one)),
];
