import * as z from 'zod';
import {
  changeAttributes,
  issueCard,
  loseCard,
  recordDeath,
  renewCard,
  replaceCard,
  revokeCard,
} from './card-life.ts';
import { resetPin, signWithCard } from './card-signing.ts';
import { cardView, kindOf, rfc3339 } from './card-view.ts';
import { readOffset, startOfJapaneseDay } from './clock.ts';
import { kinds } from './generations.ts';
import { municipalities, municipalityOf } from './municipalities.ts';
import { cardOf, reasonNumbers, serialHex, type Card, type Reason } from './registry.ts';
import { SandboxRefusal } from './sandbox-refusal.ts';
import type { Jlis } from './start-jlis.ts';
import { firstSyntheticSerial, syntheticStep } from './synthetic-revocations.ts';

interface Call {
  readonly method: 'GET' | 'POST';
  /** Path below /control/, `*` for a card id. */
  readonly path: string;
  readonly does: string;
  readonly body: z.ZodType;
  run(jlis: Jlis, body: never, cardId: string): unknown;
}

/**
 * Executes one call of the control API and returns the JSON response. Changes are saved.
 *
 * @throws SandboxRefusal if something does not exist, is malformed, or is not possible now
 */
export async function controlCall(
  jlis: Jlis,
  method: string,
  path: string,
  body: unknown,
): Promise<object> {
  const here = calls.filter((call) => pattern(call.path).test(path));
  if (here.length === 0) throw new SandboxRefusal(404, 'not-found', 'see GET /control/ for calls');
  const call = here.find((each) => each.method === method);
  if (!call) throw new SandboxRefusal(405, 'method-not-allowed', `use ${here[0]!.method}`);
  const parsed = call.body.safeParse(body ?? {});
  if (!parsed.success) {
    throw new SandboxRefusal(400, 'request-invalid', z.prettifyError(parsed.error));
  }
  const cardId = pattern(call.path).exec(path)?.[1] ?? '';
  try {
    return (await call.run(jlis, parsed.data as never, cardId)) as object;
  } finally {
    // Also after a refusal: a wrong PIN has used up a try.
    if (method === 'POST') jlis.save();
  }
}

const pattern = (path: string): RegExp => new RegExp(`^${path.replace('*', '([\\w-]+)')}$`);

const call = <Body extends z.ZodType>(
  method: Call['method'],
  path: string,
  does: string,
  body: Body,
  run: (jlis: Jlis, body: z.infer<Body>, cardId: string) => unknown,
): Call => ({ method, path, does, body, run });

/** A call that changes one card and returns it. */
const cardCall = <Body extends z.ZodType>(
  path: string,
  does: string,
  body: Body,
  run: (jlis: Jlis, cardId: string, body: z.infer<Body>) => Card | Promise<Card>,
): Call =>
  call('POST', `cards/*/${path}`, does, body, async (jlis, request, cardId) =>
    cardView(jlis, await run(jlis, cardId, request)),
  );

const nothing = z.strictObject({});
const kind = z.enum(['user-authentication', 'digital-signature']);
const reason = z.enum(Object.keys(reasonNumbers) as [Reason, ...Reason[]]);
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const serviceState = z.enum(['running', 'stopped', 'unavailable', 'slow', 'try-later']);
const person = z.strictObject({
  name: z.string().min(1).max(100).exactOptional(),
  birthDate: z.string().exactOptional(),
  sex: z.enum(['1', '2', '9']).exactOptional(),
  address: z.string().min(1).max(200).exactOptional(),
  municipality: z.string().exactOptional(),
});
const cardRequest = z.strictObject({
  personId: z.string().exactOptional(),
  person: person.exactOptional(),
  medium: z.enum(['card', 'next-generation-card', 'phone']).exactOptional(),
  keyType: z.enum(['rsa-2048', 'P-256', 'P-384']).exactOptional(),
  generation: z.enum(['2015', '2019', '2023', 'next']).exactOptional(),
  issuedAt: instant.exactOptional(),
  pin: z.string().exactOptional(),
  password: z.string().exactOptional(),
  signatureCertificate: z.boolean().exactOptional(),
});
const attributes = z.strictObject({
  municipality: z.string().exactOptional(),
  address: z.string().min(1).max(200).exactOptional(),
  reissue: z.boolean().exactOptional(),
});

const calls: readonly Call[] = [
  call('GET', '', 'this overview', nothing, (jlis) => ({
    time: rfc3339(jlis.now()),
    services: jlis.services,
    responderMode: jlis.responder.mode,
    crlNumber: jlis.registry.publication,
    cards: jlis.registry.cards.length,
    municipalities,
    calls: calls.map(({ method, path, does }) => `${method} /control/${path} — ${does}`),
  })),
  call(
    'GET',
    'trust-profile',
    'anchors, responders and lists as a deployment takes them',
    nothing,
    (jlis) => jlis.trustProfileJson(),
  ),
  call('GET', 'clock', 'the time here', nothing, clockView),
  call(
    'POST',
    'clock',
    'move the clock: {"by": "P1DT2H"}, {"to": "2027-01-01T00:00:00Z"} or {"reset": true}',
    z.union([
      z.strictObject({ by: z.string() }),
      z.strictObject({ to: instant }),
      z.strictObject({ reset: z.literal(true) }),
    ]),
    async (jlis, body) => {
      const before = jlis.now();
      if ('by' in body) jlis.clock.moveBy(duration(body.by));
      else if ('to' in body) jlis.clock.moveTo(body.to);
      else jlis.clock.moveBy(-readOffset(jlis.clock.offset));
      await jlis.published();
      const back = startOfJapaneseDay(jlis.now()) < startOfJapaneseDay(before);
      return { ...clockView(jlis), ...(back && { note: listsOfLaterDays }) };
    },
  ),
  call('GET', 'cards', 'all cards', nothing, (jlis) => ({
    cards: jlis.registry.cards.map((card) => cardView(jlis, card)),
  })),
  call('POST', 'cards', 'issue a card; every field is optional', cardRequest, async (jlis, body) =>
    cardView(jlis, await issueCard(jlis, body)),
  ),
  call('GET', 'cards/*', 'one card', nothing, (jlis, _body, cardId) =>
    cardView(jlis, cardOf(jlis.registry, cardId)),
  ),
  call(
    'POST',
    'cards/*/sign',
    'the card signs the octets of {"text"} or of {"challenge": base64} after its {"pin"}',
    z.strictObject({
      text: z.string().max(8192).exactOptional(),
      challenge: z.base64().max(8192).exactOptional(),
      pin: z.string(),
      certificate: kind.default('user-authentication'),
    }),
    (jlis, body, cardId) => {
      const card = cardOf(jlis.registry, cardId);
      const challenge = signedBy(body);
      const signature = signWithCard(card, body.certificate, body.pin, challenge);
      return { signature: signature.toString('base64') };
    },
  ),
  cardCall(
    'reset-pin',
    'a counter sets a new {"pin"} and gives the tries back',
    z.strictObject({ pin: z.string(), certificate: kind.default('user-authentication') }),
    (jlis, cardId, body) => {
      const card = cardOf(jlis.registry, cardId);
      resetPin(card, body.certificate, body.pin);
      return card;
    },
  ),
  call(
    'POST',
    'reader',
    'put the card {"cardId"} on the virtual reader of npm start -- --reader; {} takes it away',
    z.strictObject({ cardId: z.string().exactOptional() }),
    async ({ reader, registry }, { cardId }) => {
      if (reader === undefined)
        throw new SandboxRefusal(409, 'no-reader', 'start the sandbox with npm start -- --reader');
      if (cardId === undefined) await reader.remove();
      else await reader.put(cardOf(registry, cardId));
      return { reader: reader.name, cardId: cardId ?? null };
    },
  ),
  cardCall('renew', 'new keys and certificates on the same card', nothing, renewCard),
  cardCall('move', 'move house', attributes, (jlis, cardId, body) =>
    changeAttributes(jlis, cardId, {
      ...body,
      municipality: body.municipality ?? elsewhere(jlis, cardId),
    }),
  ),
  cardCall(
    'rename',
    'change the {"name"}',
    z.strictObject({
      name: z.string().min(1).max(100),
      reissue: z.boolean().exactOptional(),
    }),
    changeAttributes,
  ),
  cardCall('lose', 'report the card lost: certificateHold', nothing, loseCard),
  cardCall('die', 'the holder dies: cessationOfOperation', nothing, recordDeath),
  cardCall(
    'replace',
    'a new card after loss or damage; {"linked": false} for one without a link to the old',
    z.strictObject({ linked: z.boolean().default(true) }),
    (jlis, cardId, body) => replaceCard(jlis, cardId, body.linked),
  ),
  cardCall(
    'revoke',
    'revoke for any reason',
    z.strictObject({
      certificate: z.enum([...kinds, 'both']).default('both'),
      reason: reason.default('keyCompromise'),
    }),
    (jlis, cardId, body) => {
      const card = cardOf(jlis.registry, cardId);
      revokeCard(jlis, card, body.reason, kindOf(body.certificate));
      return card;
    },
  ),
  call(
    'POST',
    'services',
    'run or stop {"ocsp", "crl", "linkage"}: running, stopped, unavailable, slow, try-later (OCSP)',
    z.strictObject({
      ocsp: serviceState.exactOptional(),
      crl: serviceState.exactOptional(),
      linkage: serviceState.exactOptional(),
      responderMode: z.enum(['delegated', 'issuer']).exactOptional(),
    }),
    (jlis, { responderMode, ...states }) => {
      Object.assign(jlis.services, states);
      if (responderMode) jlis.responder.mode = responderMode;
      return { ...jlis.services, responderMode: jlis.responder.mode };
    },
  ),
  call('POST', 'crl/publish', 'publish every list now', nothing, async (jlis) => {
    await jlis.publish();
    // The platform fetches lists at night; until then it uses the previous ones.
    return { ...(await publicationView(jlis)), next: 'npx mykey crl ingest --now loads them' };
  }),
  call(
    'POST',
    'crl/synthetic',
    'add {"count"} revocations that no card holds to {"issuer"} and publish',
    z.strictObject({
      issuer: z.string(),
      municipality: z.string().exactOptional(),
      count: z.int().min(1).max(5_000_000),
    }),
    addSynthetic,
  ),
];

/**
 * RFC 5280 §5.2.3: CRL numbers only increase, so a platform does not follow a CRL's number and time
 * backwards.
 */
const listsOfLaterDays =
  'lists of later days that the platform has loaded stay, and are not valid yet: for logins by list start a new sandbox';

function clockView(jlis: Jlis): object {
  return { time: rfc3339(jlis.now()), offsetMs: readOffset(jlis.clock.offset) };
}

const publicationView = async (jlis: Jlis): Promise<object> => ({
  crlNumber: String(jlis.registry.publication),
  lists: Object.fromEntries(
    [...(await jlis.published())].map(([label, list]) => [label, { bytes: list.length }]),
  ),
});

async function addSynthetic(
  jlis: Jlis,
  body: { issuer: string; municipality?: string; count: number },
): Promise<object> {
  const { registry } = jlis;
  if (!jlis.authorities.some(({ id }) => id === body.issuer)) {
    throw new SandboxRefusal(404, 'issuer-unknown', 'there is no such authority', {
      known: jlis.authorities.map(({ id }) => id),
    });
  }
  const last = registry.synthetic.at(-1);
  const first = last ? last.first + last.count * syntheticStep : firstSyntheticSerial;
  if (first + body.count * syntheticStep > 0x7fff_ffff) {
    throw new SandboxRefusal(409, 'serials-spent', 'there are no four-octet serials left');
  }
  registry.synthetic.push({
    anchorId: body.issuer,
    municipality: municipalityOf(body.municipality ?? municipalities[0]!.code).code,
    first,
    count: body.count,
    revokedAt: Math.floor(jlis.now() / 1000) * 1000,
  });
  await jlis.publish();
  return { firstSerial: serialHex(first), step: syntheticStep, ...(await publicationView(jlis)) };
}

/** Default destination for a move. */
function elsewhere(jlis: Jlis, cardId: string): string {
  const { personId } = cardOf(jlis.registry, cardId);
  const from = jlis.registry.persons.find((each) => each.personId === personId)!.municipality;
  const index = municipalities.findIndex(({ code }) => code === from);
  return municipalities[(index + 1) % municipalities.length]!.code;
}

/** ISO 8601 `P1DT2H3M4S`, with a leading `-` for a negative duration. Milliseconds. */
function duration(text: string): number {
  const parts = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!parts || text.endsWith('P') || text.endsWith('T')) {
    throw new SandboxRefusal(400, 'request-invalid', 'a duration looks like P1DT2H3M4S');
  }
  const [days, hours, minutes, seconds] = parts.slice(2).map((part) => Number(part ?? 0));
  const total = ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!;
  return (parts[1] ? -total : total) * 1000;
}

function signedBy(body: { readonly text?: string; readonly challenge?: string }): Buffer {
  if (body.text !== undefined) return Buffer.from(body.text, 'utf8');
  if (body.challenge !== undefined) return Buffer.from(body.challenge, 'base64');
  throw new SandboxRefusal(400, 'nothing-to-sign', 'give a text, or octets as base64 challenge');
}
