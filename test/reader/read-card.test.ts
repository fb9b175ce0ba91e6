import { createHash, verify, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { CardPort } from '../../reader/core/card-port.ts';
import { chipAnswered, verifyChipRecord } from '../../reader/core/chip-proof.ts';
import { lookAtCard, readCard, type ReadingRequest } from '../../reader/core/read-card.ts';
import { ReaderError } from '../../reader/core/reader-error.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { printedNumber } from '../../sandbox/card/personalise.ts';
import { VirtualCard, type CardBehaviour } from '../../sandbox/card/virtual-card.ts';
import { personOf } from '../../sandbox/jlis/registry.ts';
import { newCard, openIssuer, type IssuedCard, type Issuer } from './support/cards.ts';

let issuer: Issuer;
let tanaka: IssuedCard;
const challenge = Buffer.from('a challenge of this platform');
const chipChallenge = Buffer.from('a challenge for the chip');

beforeAll(async () => {
  issuer = await openIssuer();
  tanaka = await newCard(issuer, { person: { birthDate: '1980-11-21' } });
});

const read = (card: VirtualCard, request: Partial<ReadingRequest>) =>
  readCard(new InProcessReader(card), { credentials: {}, roots: issuer.roots, ...request });

const refusal = async (reading: Promise<unknown>): Promise<ReaderError> => {
  const error: unknown = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ReaderError);
  return error as ReaderError;
};

const freshCopy = ({ contents }: IssuedCard, behaviour: CardBehaviour = {}): VirtualCard =>
  new VirtualCard(contents, behaviour);

describe('a login with PIN', () => {
  it('brings the certificate and a signature over the challenge that OpenSSL verifies', async () => {
    const { certificate, signature, medium, assurance } = await read(tanaka.card, {
      challenge,
      credentials: { userAuthenticationPin: '1234' },
    });
    const { publicKey } = new X509Certificate(certificate);
    expect(verify('sha256', challenge, publicKey, signature!.value)).toBe(true);
    expect(signature!.algorithm).toBe('rsa-pkcs1-sha256');
    expect(medium).toBe('card');
    expect(assurance).toEqual(['card-signature']);
  });

  it.each([
    ['next-generation-card', {}, 'ecdsa-sha384', 'card'],
    ['next-generation-card', { plainEcdsa: true }, 'ecdsa-sha384', 'card'],
    ['phone', {}, 'ecdsa-sha256', 'android'],
  ] as const)('signs with the key of a %s %j', async (medium, behaviour, algorithm, told) => {
    const { card } = await newCard(issuer, { medium }, {}, behaviour);
    const reading = await read(card, {
      challenge,
      credentials: { userAuthenticationPin: '1234' },
    });
    expect(reading.signature!.algorithm).toBe(algorithm);
    expect(reading.medium).toBe(told);
    const { publicKey } = new X509Certificate(reading.certificate);
    const hash = algorithm.slice('ecdsa-'.length);
    expect(verify(hash, challenge, publicKey, reading.signature!.value)).toBe(true);
  });

  it('tells an iPhone from an Android phone', async () => {
    const { card } = await newCard(issuer, { medium: 'phone' }, { phone: 'iphone' });
    expect((await lookAtCard(new InProcessReader(card))).medium).toBe('iphone');
  });

  it.each([
    ['short reads', { shortReads: 16 }],
    ['61xx for every answer over 32 octets', { announceOver: 32 }],
    ['6Cxx at the end of a file', { correctsLength: true }],
    ['all of them', { shortReads: 100, announceOver: 48, correctsLength: true }],
  ])('reads a card with %s', async (_, behaviour) => {
    const { contents } = tanaka;
    const reading = await read(new VirtualCard(contents, behaviour), {
      challenge,
      chipChallenge,
      enrolChip: true,
      attributes: true,
      credentials: {
        userAuthenticationPin: '1234',
        inputAssistancePin: '1234',
        birthDate: '551121',
      },
    });
    expect(Buffer.from(reading.certificate)).toEqual(contents.jpki.certificate);
    expect(reading.attributes!.birthDate).toBe('19801121');
  });
});

describe('the PIN', () => {
  it('that is wrong takes a try and says how many are left', async () => {
    const { card } = await newCard(issuer);
    const error = await refusal(
      read(card, { challenge, credentials: { userAuthenticationPin: '9999' } }),
    );
    expect(error).toMatchObject({
      code: 'pin-wrong',
      details: { credential: 'userAuthenticationPin', triesLeft: 2 },
    });
  });

  it('is not tried for the last time unless that was asked', async () => {
    const { issued, card } = await newCard(issuer);
    const slot = issued.slots['user-authentication'];
    slot.triesLeft = 1;
    const wrong = { challenge, credentials: { userAuthenticationPin: '9999' } };
    expect(await refusal(read(card, wrong))).toMatchObject({ code: 'pin-last-try' });
    expect(slot.triesLeft).toBe(1);
    const asked = { ...wrong, useLastTry: ['userAuthenticationPin'] as const };
    expect(await refusal(read(card, asked))).toMatchObject({
      code: 'pin-blocked',
      details: { triesLeft: 0 },
    });
    expect(await refusal(read(card, asked))).toMatchObject({ code: 'pin-blocked' });
  });

  it('is not tried unasked where the card does not tell how many tries are left', async () => {
    const { issued, card } = await newCard(issuer);
    const silent: CardPort = {
      exclusively: (use) =>
        new InProcessReader(card).exclusively(({ transmit }) =>
          use({
            transmit: async (command) => {
              const answer = await transmit(command);
              const asksForTries = command[1] === 0x20 && command.length === 4;
              return asksForTries ? Uint8Array.of(0x63, 0x00) : answer;
            },
          }),
        ),
    };
    const wrong = { challenge, credentials: { userAuthenticationPin: '9999' }, roots: [] };
    expect(await refusal(readCard(silent, wrong))).toMatchObject({
      code: 'pin-last-try',
      details: { credential: 'userAuthenticationPin' },
    });
    expect(issued.slots['user-authentication'].triesLeft).toBe(3);
    const asked = { ...wrong, useLastTry: ['userAuthenticationPin'] as const };
    expect(await refusal(readCard(silent, asked))).toMatchObject({ code: 'pin-wrong' });
  });

  it('that is right gives all tries back', async () => {
    const { issued, card } = await newCard(issuer);
    const slot = issued.slots['user-authentication'];
    slot.triesLeft = 2;
    await read(card, { challenge, credentials: { userAuthenticationPin: '1234' } });
    expect(slot.triesLeft).toBe(3);
  });

  it.each(['123', '12345', '12a4', '', ' 1234', '１２３４'])(
    'of the form %j is refused before the card sees it',
    async (pin) => {
      const { issued, card } = await newCard(issuer);
      const error = await refusal(
        read(card, { challenge, credentials: { userAuthenticationPin: pin } }),
      );
      expect(error.code).toBe('pin-form');
      expect(issued.slots['user-authentication'].triesLeft).toBe(3);
    },
  );

  it('is forgotten by the card when the reading ends', async () => {
    const reader = new InProcessReader(tanaka.card);
    await readCard(reader, {
      challenge,
      credentials: { userAuthenticationPin: '1234' },
      roots: [],
    });
    const key = await reader.exclusively(async ({ transmit }) => {
      await transmit(Buffer.from('00a4040c0ad392f000260100000001', 'hex'));
      await transmit(Buffer.from('00a4020c020017', 'hex'));
      return transmit(Buffer.from('802a0080013000', 'hex'));
    });
    expect(Buffer.from(key).toString('hex')).toBe('6982');
  });
});

describe('PIN-less holding', () => {
  it('is enrolled at a login with PIN: the chip’s key, vouched for by the root', async () => {
    const { chip } = await read(freshCopy(tanaka), {
      challenge,
      chipChallenge,
      enrolChip: true,
      credentials: { userAuthenticationPin: '1234', birthDate: '551121' },
    });
    const key = verifyChipRecord(chip!.record!, issuer.roots);
    expect(chipAnswered(key, chipChallenge, chip!.signature)).toBe(true);
  });

  it('then needs neither PIN nor birth date', async () => {
    const { chip, signature, assurance } = await read(freshCopy(tanaka), { chipChallenge });
    expect(signature).toBeUndefined();
    expect(assurance).toEqual(['chip-presence']);
    expect(verify('sha256', chipChallenge, tanaka.contents.surface!.key, chip!.signature)).toBe(
      true,
    );
  });

  it('does not exist on a phone', async () => {
    const { card } = await newCard(issuer, { medium: 'phone' });
    expect((await refusal(read(card, { chipChallenge }))).code).toBe('pinless-unsupported');
  });

  it('is refused without the birth date at enrolment', async () => {
    const error = await refusal(read(freshCopy(tanaka), { chipChallenge, enrolChip: true }));
    expect(error).toMatchObject({ code: 'pin-needed', details: { credential: 'birthDate' } });
  });
});

describe('the four attributes', () => {
  it('are opened by the number B that is printed on the card', async () => {
    const { issued } = tanaka;
    const person = personOf(issuer.office.registry, issued.personId);
    const { attributes } = await read(freshCopy(tanaka), {
      chipChallenge,
      attributes: true,
      credentials: { verificationNumberB: printedNumber(issuer.office, issued, person) },
    });
    expect(attributes).toEqual({
      name: person.name,
      address: person.address,
      birthDate: '19801121',
      sex: person.sex,
      remarks: [],
    });
  });

  it('report what may not be displayed, and drop nothing', async () => {
    const name = '葛󠄀城　\u{20BB7}\u{E000}〓';
    const { card } = await newCard(issuer, {}, { name });
    const { attributes } = await read(card, {
      attributes: true,
      credentials: { inputAssistancePin: '1234' },
    });
    expect(attributes!.name).toBe(name);
    expect(attributes!.remarks.map(({ codePoint, remark }) => [codePoint, remark])).toEqual([
      ['U+E0100', 'variation-selector'],
      ['U+20BB7', 'supplementary'],
      ['U+E000', 'private-use'],
      ['U+3013', 'placeholder'],
    ]);
  });

  it('are not on a phone', async () => {
    const { card } = await newCard(issuer, { medium: 'phone' });
    const asked = { attributes: true, credentials: { inputAssistancePin: '1234' } };
    expect((await refusal(read(card, asked))).code).toBe('attributes-unsupported');
  });

  it('are refused when one of them was changed on the card', async () => {
    const { contents } = tanaka;
    const changed = Buffer.from(contents.inputAssistance!.attributes);
    changed[changed.length - 1]! ^= 1;
    const card = new VirtualCard({
      ...contents,
      inputAssistance: { ...contents.inputAssistance!, attributes: changed },
    });
    const asked = { attributes: true, credentials: { inputAssistancePin: '1234' } };
    expect((await refusal(read(card, asked))).code).toBe('attributes-invalid');
  });

  it('are refused when the digests are signed by an unknown key', async () => {
    const { contents } = tanaka;
    const other = await newCard(issuer);
    const card = new VirtualCard({
      ...contents,
      inputAssistance: {
        ...contents.inputAssistance!,
        digests: other.contents.inputAssistance!.digests,
      },
    });
    const asked = { attributes: true, credentials: { inputAssistancePin: '1234' } };
    expect((await refusal(read(card, asked))).code).toBe('attributes-invalid');
  });
});

describe('a look at the card', () => {
  it('reports its capabilities and remaining tries without using one', async () => {
    const { card, issued } = await newCard(issuer);
    issued.slots['user-authentication'].triesLeft = 2;
    const overview = await lookAtCard(new InProcessReader(card));
    expect(overview).toEqual({
      medium: 'card',
      fingerprint: createHash('sha256')
        .update(Buffer.from(issuer.office.registry.certificates.at(-1)!.certificate, 'base64'))
        .digest('hex'),
      triesLeft: {
        userAuthenticationPin: 2,
        birthDate: 10,
        inputAssistancePin: 3,
        verificationNumberB: 10,
      },
      chip: true,
      attributes: true,
      pinPad: false,
    });
    expect(issued.slots['user-authentication'].triesLeft).toBe(2);
  });

  it('holds the reading to the card that was looked at', async () => {
    const { card } = await newCard(issuer);
    const { fingerprint } = await lookAtCard(new InProcessReader(tanaka.card));
    expect((await refusal(read(card, { chipChallenge, fingerprint }))).code).toBe('card-changed');
  });
});
