import { createPublicKey, verify } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parseCommand } from '../../../sandbox/card/apdu.ts';
import { signDigest } from '../../../sandbox/card/ecdsa-over-digest.ts';
import { VirtualCard, type CardBehaviour } from '../../../sandbox/card/virtual-card.ts';
import { generateSigner } from '../../../sandbox/pki/signing.ts';
import { createHash } from 'node:crypto';
import { newCard, openIssuer, type IssuedCard } from '../../reader/support/cards.ts';
import { withoutWatch } from '../../reader/support/watch-apdus.ts';

let issued: IssuedCard;
beforeAll(async () => {
  issued = await newCard(await openIssuer(), { signatureCertificate: true });
});

const jpki = '00a4040c0ad392f000260100000001';

/** Sends commands one after another; the last answer in hex. */
async function talk(card: VirtualCard, ...steps: readonly string[]): Promise<string> {
  let answer: Uint8Array = new Uint8Array();
  for (const step of steps) answer = await card.transmit(Buffer.from(step, 'hex'));
  return Buffer.from(answer).toString('hex');
}
const cardOf = (behaviour: CardBehaviour = {}): VirtualCard =>
  withoutWatch(new VirtualCard(issued.contents, behaviour));

describe('the virtual card', () => {
  it.each([
    ['an application that it has not', ['00a4040c0aa0000002471001000000'], '6a82'],
    ['a file before an application', ['00a4020c02000a'], '6a82'],
    ['a file that it has not', [jpki, '00a4020c0200ff'], '6a82'],
    ['READ BINARY without a file', [jpki, '00b0000000'], '6986'],
    ['the signature certificate without its PIN', [jpki, '00a4020c020001', '00b0000004'], '6982'],
    ['the key without its PIN', [jpki, '00a4020c020017', '802a0080013000'], '6982'],
    ['a read beyond the end', [jpki, '00a4020c020006', '00b0010000'], '6b00'],
    ['an instruction that it does not know', ['0084000008'], '6d00'],
    ['a class that it does not know', ['a0a4000000'], '6e00'],
    ['lengths that do not fit', ['00a4040c0ad392'], '6700'],
    ['the try counter', [jpki, '00a4020c020018', '00200080'], '63c3'],
    ['the signature password’s try counter', [jpki, '00a4020c02001b', '00200080'], '63c5'],
  ])('answers %s', async (_, steps, status) => {
    expect(await talk(cardOf(), ...steps)).toBe(status);
  });

  it('reports the length at the end of a file, by warning or by 6Cxx', async () => {
    const steps = [jpki, '00a4020c020006', '00b0000000'];
    const token = Buffer.from('JPKIAPICCTOKEN2').toString('hex');
    expect(await talk(cardOf(), ...steps)).toMatch(new RegExp(`^${token}(00)+6282$`));
    expect(await talk(cardOf({ correctsLength: true }), ...steps)).toBe('6c14');
  });

  it('blocks the PIN at the third wrong entry permanently', async () => {
    const { card, issued: record } = await newCard(await openIssuer());
    withoutWatch(card);
    const wrong = '0020008004' + Buffer.from('0000').toString('hex');
    const select = [jpki, '00a4020c020018'];
    expect(await talk(card, ...select, wrong)).toBe('63c2');
    expect(await talk(card, ...select, wrong)).toBe('63c1');
    expect(await talk(card, ...select, wrong)).toBe('63c0');
    const right = '0020008004' + Buffer.from('1234').toString('hex');
    expect(await talk(card, ...select, right)).toBe('6984');
    expect(record.slots['user-authentication'].triesLeft).toBe(0);
  });

  it('forgets a verified PIN at another application, and at a reset', async () => {
    const card = cardOf();
    const verified = [jpki, '00a4020c020018', '002000800431323334'];
    const sign = ['00a4020c020017', '802a0080013000'];
    expect(await talk(card, ...verified, ...sign)).toMatch(/9000$/);
    expect(await talk(card, jpki, ...sign)).toBe('6982');
    expect(await talk(card, ...verified)).toBe('9000');
    card.reset();
    expect(await talk(card, jpki, ...sign)).toBe('6982');
  });

  it('takes extended length', async () => {
    const answer = await talk(cardOf(), jpki, '00a4020c02000a', '00b00000000000');
    expect(answer.length / 2).toBeGreaterThan(1000);
    expect(answer).toMatch(/^3082.*6282$/);
  });
});

describe('command APDUs', () => {
  it.each([
    ['00a4040c', { data: '', expected: undefined, extended: false }],
    ['00b0000000', { data: '', expected: 256, extended: false }],
    ['00b0000010', { data: '', expected: 16, extended: false }],
    ['00a4040c021234', { data: '1234', expected: undefined, extended: false }],
    ['00a4040c02123400', { data: '1234', expected: 256, extended: false }],
    ['00b00000000000', { data: '', expected: 65_536, extended: true }],
    ['00a4040c0000021234', { data: '1234', expected: undefined, extended: true }],
    ['00a4040c00000212340100', { data: '1234', expected: 256, extended: true }],
  ])('%s is read as ISO/IEC 7816-3 has it', (command, wanted) => {
    const parsed = parseCommand(Buffer.from(command, 'hex'))!;
    expect({ ...parsed, data: Buffer.from(parsed.data).toString('hex') }).toMatchObject(wanted);
  });

  it.each(['00a404', '00a4040c0312', '00a4040c0000', '00a4040c00000312'])(
    '%s is none',
    (command) => {
      expect(parseCommand(Buffer.from(command, 'hex'))).toBeUndefined();
    },
  );
});

describe('ECDSA over a digest', () => {
  it.each([
    ['P-256', 'sha256', 'der'],
    ['P-256', 'sha256', 'plain'],
    ['P-384', 'sha384', 'der'],
    ['P-384', 'sha384', 'plain'],
  ] as const)('of %s is what OpenSSL verifies (%s, %s)', (curve, hash, encoding) => {
    const { privateKey } = generateSigner(curve);
    const message = Buffer.from('message');
    const digest = createHash(hash).update(message).digest();
    const signature = signDigest(privateKey, digest, encoding);
    const key = {
      key: createPublicKey(privateKey),
      dsaEncoding: encoding === 'der' ? ('der' as const) : ('ieee-p1363' as const),
    };
    expect(verify(hash, message, key, signature)).toBe(true);
    expect(verify(hash, Buffer.from('another'), key, signature)).toBe(false);
  });
});
