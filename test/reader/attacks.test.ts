import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { CardChannel, CardPort } from '../../reader/core/card-port.ts';
import { requireChipAnswer, verifyChipRecord } from '../../reader/core/chip-proof.ts';
import { readCard, type ReadingRequest } from '../../reader/core/read-card.ts';
import { ReaderError } from '../../reader/core/reader-error.ts';
import { createCvAuthority, cvCertificate } from '../../sandbox/card/cv-authority.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { personalise, type ChipContents } from '../../sandbox/card/personalise.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
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

  it('a copied record 0001 without the key that it names', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const copied = {
      ...tanaka.contents,
      surface: { ...tanaka.contents.surface!, key: privateKey },
    };
    expect(await codeOf(read(copied, enrol))).toBe('chip-proof-invalid');
  });

  it('a chip whose chain was forged under the root’s name', async () => {
    const forged = await createCvAuthority(issuer.cv.rootKeyId);
    const contents = await personalise(issuer.office, tanaka.issued, forged);
    expect(await codeOf(read(contents, enrol))).toBe('chip-certificate-invalid');
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

  it('a card that is exchanged in the middle, also where the reader does not notice', async () => {
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

  it('a card that is taken away in the middle', async () => {
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

  it('wrong PINs, up to the last try, which is the holder’s to give', async () => {
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
