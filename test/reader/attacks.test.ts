import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAgent, type Agent } from '../../reader/agent/agent-server.ts';
import { Pairing } from '../../reader/agent/pairing.ts';
import type { CardChannel, CardPort } from '../../reader/core/card-port.ts';
import { requireChipAnswer, verifyChipRecord } from '../../reader/core/chip-proof.ts';
import { readCard, type ReadingRequest } from '../../reader/core/read-card.ts';
import { ReaderError } from '../../reader/core/reader-error.ts';
import type { ReadingResult } from '../../reader/protocol.ts';
import { createCvAuthority, cvCertificate } from '../../sandbox/card/cv-authority.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { personalise, type ChipContents } from '../../sandbox/card/personalise.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { openCounter } from '../capabilities/reading-sessions/counter.ts';
import { newCard, openIssuer, type IssuedCard, type Issuer } from './support/cards.ts';

let issuer: Issuer;
let tanaka: IssuedCard;
let mallory: IssuedCard;
const challenge = Buffer.from('challenge');
const chipChallenge = Buffer.from('chip challenge');
const birthDate = '551121';
const surfaceAid = Buffer.from('d3921000310001010402', 'hex');

beforeAll(async () => {
  issuer = await openIssuer();
  tanaka = await newCard(issuer, { person: { birthDate: '1980-11-21' } });
  mallory = await newCard(issuer, { person: { birthDate: '1980-11-21' } });
});

const read = (contents: ChipContents, request: Partial<ReadingRequest>) =>
  readCard(new InProcessReader(new VirtualCard(contents)), {
    credentials: { userAuthenticationPin: '1234', birthDate },
    roots: issuer.roots,
    ...request,
  });

const codeOf = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'accepted',
    (error: unknown) => {
      expect(error).toBeInstanceOf(ReaderError);
      return (error as ReaderError).code;
    },
  );

const enrol = { challenge, chipChallenge, enrolChip: true } as const;

const refused = (code: string) => ({ outcome: 'refused', code });

/** Each by its name, with the code that refuses it. */
describe('attack:', () => {
  let counter: Awaited<ReturnType<typeof openCounter>>;
  beforeAll(async () => {
    counter = await openCounter();
  });
  afterAll(() => counter.close());

  it('replayed certificate without card: challenge-signature-invalid, chip-proof-invalid', async () => {
    const { contents } = await counter.issue();
    const recorded: ReadingResult[] = [];
    const record = (read: ReadingResult): ReadingResult => (recorded.push(read), read);
    await counter.read(contents, 'pin', { enrolChip: true, spoil: record });
    await counter.read(contents, 'hold', { spoil: record });
    const [login, hold] = recorded;
    const withPin = await counter.read(contents, 'pin', { spoil: () => login! });
    expect(withPin.result).toEqual(refused('challenge-signature-invalid'));
    const held = await counter.read(contents, 'hold', { spoil: () => hold! });
    expect(held.result).toEqual(refused('chip-proof-invalid'));
    // The genuine card again, read in the same way.
    expect((await counter.read(contents, 'hold')).result).toMatchObject({ outcome: 'read' });
  });

  it('certificate of card A with chip of card B: chip-proof-invalid', async () => {
    const [mine, other] = [await counter.issue(), await counter.issue()];
    for (const { contents } of [mine, other])
      await counter.read(contents, 'pin', { enrolChip: true });
    const mixed = { ...mine.contents, surface: other.contents.surface! };
    expect((await counter.read(mixed, 'hold')).result).toEqual(refused('chip-proof-invalid'));
  });

  it('copied record 0001 (without the key that it names): chip-proof-invalid', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const copied = {
      ...tanaka.contents,
      surface: { ...tanaka.contents.surface!, key: privateKey },
    };
    expect(await codeOf(read(copied, enrol))).toBe('chip-proof-invalid');
  });

  it('forged CV chain (under the root’s name): chip-certificate-invalid', async () => {
    const forged = await createCvAuthority(issuer.cv.rootKeyId);
    const contents = await personalise(issuer.office, tanaka.issued, forged);
    expect(await codeOf(read(contents, enrol))).toBe('chip-certificate-invalid');
  });

  it('a chip key enrolled for another person: chip-taken', async () => {
    const [mine, other] = [await counter.issue(), await counter.issue()];
    await counter.read(mine.contents, 'pin', { enrolChip: true });
    const mixed = { ...other.contents, surface: mine.contents.surface! };
    const { result } = await counter.read(mixed, 'pin', { enrolChip: true });
    expect(result).toEqual(refused('chip-taken'));
  });

  it('ticket reuse: ticket-used', async () => {
    const { contents } = await counter.issue();
    const { ticket } = await counter.open('pin');
    expect(await counter.readTicket(contents, 'pin', ticket)).toMatchObject({ event: 'finished' });
    expect(await counter.readTicket(contents, 'pin', ticket)).toMatchObject({
      event: 'failed',
      code: 'ticket-used',
    });
  });

  it('agent older than the platform’s minimum: agent-outdated', async () => {
    const { ticket } = await counter.open('pin');
    const claim = { ticket, terminal: counter.terminal, protocol: 1, agentVersion: '0.0.9' };
    const { status, body } = await counter.call('claim-reading-ticket', claim);
    expect([status, body['code']]).toEqual([403, 'agent-outdated']);
  });

  describe('at the reader program,', () => {
    const page = 'https://counter.example';
    const card = Promise.withResolvers<never>();
    let agent: Agent;
    let token: string;
    beforeAll(async () => {
      const pairing = new Pairing(undefined);
      agent = await startAgent({
        port: 0,
        origins: [page],
        pairing,
        readers: {
          waitForCard: () => card.promise,
          list: async () => [{ name: 'in process', card: 'absent' }],
        },
        platform: counter.agent,
      });
      token = pairing.redeem(pairing.open(), page);
    });
    afterAll(() => agent.close());

    /** As a browser asks for a reading, but free to state any Host and Origin. */
    const ask = (ticket: string, headers: Readonly<Record<string, string>> = {}) => {
      const request = httpRequest({
        host: '127.0.0.1',
        port: agent.port,
        path: '/v1/readings',
        method: 'POST',
        headers: {
          origin: page,
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          ...headers,
        },
      });
      const answered = new Promise<AsyncIterable<Buffer> & { readonly statusCode?: number }>(
        (resolve, reject) => void request.on('response', resolve).on('error', reject),
      );
      request.end(JSON.stringify({ ticket }));
      return { request, answered };
    };
    const refusalOf = async (asked: ReturnType<typeof ask>) => {
      const chunks: Buffer[] = [];
      const response = await asked.answered;
      for await (const chunk of response) chunks.push(chunk);
      const { code } = JSON.parse(Buffer.concat(chunks).toString()) as { code: string };
      return [response.statusCode, code];
    };

    it.each([
      ['foreign origin', { origin: 'https://evil.example' }, 403, 'origin-refused'],
      ['rebinding', { host: 'evil.example' }, 421, 'host-refused'],
    ] as const)('%s: %j is refused by %i %s', async (_, headers, status, code) => {
      const { ticket } = await counter.open('pin');
      expect(await refusalOf(ask(ticket, headers))).toEqual([status, code]);
    });

    it('second tab: reading-in-progress', async () => {
      const [first, second] = [await counter.open('pin'), await counter.open('pin')];
      const reading = ask(first.ticket);
      const response = await reading.answered;
      expect(response.statusCode).toBe(200);
      expect(await refusalOf(ask(second.ticket))).toEqual([409, 'reading-in-progress']);
      reading.request.destroy();
      card.reject(new ReaderError('cancelled'));
    });
  });

  it('swapped card mid-session, also where the reader does not notice: card-changed', async () => {
    const [first, second] = [tanaka, mallory].map(({ contents }) => new VirtualCard(contents));
    let there = first!;
    const exchanging: CardPort = {
      exclusively: (use) =>
        use({
          transmit: (command) => {
            if (Buffer.from(command).includes(surfaceAid)) there = second!;
            return there.transmit(command);
          },
        }),
    };
    const hold = { chipChallenge, credentials: {}, roots: [] };
    expect(await codeOf(readCard(exchanging, hold))).toBe('card-changed');
  });

  it('removed card mid-session: card-removed', async () => {
    const card = new VirtualCard(tanaka.contents);
    const reader = new InProcessReader(card);
    const transmit = card.transmit.bind(card);
    let commands = 0;
    card.transmit = (command) => {
      if (++commands === 6) reader.remove();
      return transmit(command);
    };
    const hold = { chipChallenge, credentials: {}, roots: [] };
    expect(await codeOf(readCard(reader, hold))).toBe('card-removed');
  });

  it('wrong PIN to the last try, which is the holder’s to give: pin-wrong, then pin-last-try', async () => {
    const { contents, issued } = await newCard(issuer);
    const guess = (pin: string) =>
      codeOf(read(contents, { challenge, credentials: { userAuthenticationPin: pin } }));
    expect(await guess('0000')).toBe('pin-wrong');
    expect(await guess('0001')).toBe('pin-wrong');
    expect(await guess('0002')).toBe('pin-last-try');
    expect(await guess('1234')).toBe('pin-last-try');
    expect(issued.slots['user-authentication'].triesLeft).toBe(1);
  });
});

describe('refused by its code:', () => {
  it('the certificate of one card with the chip of another', async () => {
    const { chip } = await read(tanaka.contents, enrol);
    const enrolled = verifyChipRecord(chip!.record!, issuer.roots);
    const mixed = { ...tanaka.contents, surface: mallory.contents.surface! };
    const held = await read(mixed, { chipChallenge });
    expect(Buffer.from(held.certificate)).toEqual(tanaka.contents.jpki.certificate);
    expect(() => requireChipAnswer(enrolled, chipChallenge, held.chip!.signature)).toThrow(
      expect.objectContaining({ code: 'chip-proof-invalid' }),
    );
    const genuine = await read(tanaka.contents, { chipChallenge });
    requireChipAnswer(enrolled, chipChallenge, genuine.chip!.signature);
  });

  it('a chip whose chain ends in a root that is not configured', async () => {
    const other = await createCvAuthority('6000023');
    const contents = await personalise(issuer.office, tanaka.issued, other);
    expect(await codeOf(read(contents, enrol))).toBe('chip-root-unknown');
  });

  it('a record that is not signed by the key in the true certificate', async () => {
    const other = await createCvAuthority(issuer.cv.rootKeyId);
    const contents = await personalise(issuer.office, tanaka.issued, {
      ...other,
      certificate: issuer.cv.certificate,
    });
    expect(await codeOf(read(contents, enrol))).toBe('chip-record-invalid');
  });

  it('a CV certificate for a key that was put in place of the signer’s', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const own = cvCertificate(issuer.cv.rootKeyId, mallory.contents.surface!.key, 'S', publicKey);
    const contents = {
      ...tanaka.contents,
      surface: { ...tanaka.contents.surface!, cvCertificate: own },
    };
    expect(await codeOf(read(contents, enrol))).toBe('chip-certificate-invalid');
  });

  it('the four attributes of one person with the digests of another', async () => {
    const contents = {
      ...tanaka.contents,
      inputAssistance: {
        ...tanaka.contents.inputAssistance!,
        attributes: mallory.contents.inputAssistance!.attributes,
      },
    };
    const asked = { attributes: true, credentials: { inputAssistancePin: '1234' } };
    expect(await codeOf(read(contents, asked))).toBe('attributes-invalid');
  });

  it('the four attributes with a forged signature', async () => {
    const other = await createCvAuthority(issuer.cv.rootKeyId);
    const contents = await personalise(issuer.office, tanaka.issued, {
      ...other,
      certificate: issuer.cv.certificate,
    });
    const asked = { attributes: true, credentials: { inputAssistancePin: '1234' } };
    expect(await codeOf(read(contents, asked))).toBe('attributes-invalid');
  });

  it('the signature of an earlier challenge', async () => {
    let recorded: Uint8Array | undefined;
    const replaying = through(new VirtualCard(tanaka.contents), (command, answer) => {
      if (command[0] !== 0x80 || command[3] !== 0x80) return answer;
      recorded ??= answer;
      return recorded;
    });
    const request = { credentials: { userAuthenticationPin: '1234' }, roots: [] };
    await readCard(replaying, { ...request, challenge });
    const again = readCard(replaying, { ...request, challenge: Buffer.from('the next one') });
    expect(await codeOf(again)).toBe('signature-invalid');
  });
});

it('the sandbox’s root is neither production’s nor the test cards’', () => {
  expect(issuer.cv.rootKeyId).not.toMatch(/^[56]/);
  expect(createPublicKey(issuer.cv.rootPublicKey).asymmetricKeyType).toBe('rsa');
});

/** A card whose answers pass through somebody's hands. */
const through = (
  card: VirtualCard,
  change: (command: Uint8Array, answer: Uint8Array) => Uint8Array,
): CardPort => ({
  exclusively: (use: (channel: CardChannel) => Promise<never>) =>
    use({
      transmit: async (command) => change(command, await card.transmit(command)),
    }).finally(() => card.reset()),
});
