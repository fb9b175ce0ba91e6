import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CardView } from '../../../sandbox/jlis/control-client.ts';
import { control } from '../../../sandbox/jlis/control-client.ts';
import { startCardPlatform } from '../card-platform.ts';

let platform: Awaited<ReturnType<typeof startCardPlatform>>;
let card: CardView;
let authority: string;
beforeAll(async () => {
  platform = await startCardPlatform();
  card = await platform.issue();
  const profile = platform.jlis.trustProfileJson() as { anchors: { certificate: string }[] };
  authority = profile.anchors[0]!.certificate.replaceAll(/-----[A-Z ]+-----|\s/g, '');
});
afterAll(() => platform.jlis.close());

interface Fields {
  challenge: string;
  certificate: string;
  signature: string;
}
type Change = (good: Fields) => object | Promise<object>;

const der = (field: string): Buffer => Buffer.from(field, 'base64');
const armour = (field: string): string =>
  `-----BEGIN CERTIFICATE-----\n${field.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
const signedText = async (text: string) => {
  const signed = await control<{ signature: string }>(
    platform.jlis.url,
    `cards/${card.cardId}/sign`,
    { pin: '1234', text, certificate: 'user-authentication' },
  );
  return { signature: signed.signature };
};

/** Field, what a client sends in it, code, what `detail` (of the field, where it is the schema) begins with. */
const cases: readonly (readonly [string, Change, string, RegExp])[] = [
  [
    'certificate: PEM',
    ({ certificate }) => ({ certificate: armour(certificate) }),
    'request-invalid',
    /^send the base64 between the BEGIN and END lines/,
  ],
  [
    'certificate: base64 of PEM',
    ({ certificate }) => ({ certificate: Buffer.from(armour(certificate)).toString('base64') }),
    'certificate-malformed',
    /^openssl x509 .*: this is PEM/,
  ],
  [
    'certificate: line breaks',
    ({ certificate }) => ({ certificate: certificate.replaceAll(/.{64}/g, '$&\r\n') }),
    'request-invalid',
    /^send standard base64 .*line breaks or spaces/,
  ],
  [
    'certificate: base64url',
    ({ certificate }) => ({ certificate: der(certificate).toString('base64url') }),
    'request-invalid',
    /^send standard base64 .*(base64url|padding)/,
  ],
  [
    'certificate: hexadecimal',
    ({ certificate }) => ({ certificate: der(certificate).toString('hex') }),
    // Half of all lengths pass for base64.
    'request-invalid|certificate-malformed',
    /^send .*standard base64 .*: this is hexadecimal/,
  ],
  [
    'certificate: base64 twice',
    ({ certificate }) => ({ certificate: Buffer.from(certificate).toString('base64') }),
    'certificate-malformed',
    /^decode it to DER: this is base64 text/,
  ],
  [
    'certificate: a list',
    ({ certificate }) => ({ certificate: [certificate] }),
    'request-invalid',
    /^send one value, base64 as a string: this is an array$/,
  ],
  [
    'certificate: octets',
    ({ certificate }) => ({ certificate: [...der(certificate)] }),
    'request-invalid',
    /this is an array of numbers$/,
  ],
  [
    'certificate: a Buffer',
    ({ certificate }) => ({ certificate: der(certificate).toJSON() }),
    'request-invalid',
    /this is a Buffer as Node.js/,
  ],
  [
    'certificate: missing',
    () => ({ certificate: undefined }),
    'request-invalid',
    /the field is missing$/,
  ],
  [
    'certificate: cut',
    ({ certificate }) => ({ certificate: der(certificate).subarray(0, 812).toString('base64') }),
    'certificate-malformed',
    /^give the whole certificate: it is cut, 812 of [\d,]+ octets/,
  ],
  [
    'certificate: 14 octets appended',
    ({ certificate }) => ({
      certificate: Buffer.concat([der(certificate), Buffer.alloc(14, 1)]).toString('base64'),
    }),
    'certificate-malformed',
    /^cut off what follows the certificate: 14 octets/,
  ],
  [
    'certificate: of the other kind',
    () => ({ certificate: card['digital-signature']!.certificate }),
    'certificate-kind-wrong',
    /^give the user-authentication certificate .*: this is the signature certificate/,
  ],
  [
    'certificate: of the authority',
    () => ({ certificate: authority }),
    'certificate-policy-unacceptable|certificate-expired',
    /this is a CA certificate/,
  ],
  [
    'intermediates: no certificate',
    ({ certificate }) => ({
      intermediates: [certificate, der(certificate).subarray(9).toString('base64')],
    }),
    'request-invalid',
    /./,
  ],
  [
    'challenge: base64',
    ({ challenge }) => ({ challenge: Buffer.from(challenge).toString('base64') }),
    'challenge-not-found',
    /^send the challenge unchanged.*base64 text$/,
  ],
  [
    'challenge: a line end',
    ({ challenge }) => ({ challenge: `${challenge}\n` }),
    'request-invalid',
    /^send the challenge unchanged: it contains a line break/,
  ],
  [
    'challenge: quoted',
    ({ challenge }) => ({ challenge: JSON.stringify(challenge) }),
    'challenge-not-found',
    /quotation marks or JSON$/,
  ],
  [
    'signature: hexadecimal',
    ({ signature }) => ({ signature: der(signature).toString('hex') }),
    'challenge-signature-invalid',
    /^encode the signature in base64, once: it is hexadecimal/,
  ],
  [
    'signature: base64url',
    ({ signature }) => ({ signature: der(signature).toString('base64url') }),
    'request-invalid',
    /^send standard base64 .*(base64url|padding)/,
  ],
  [
    'signature: over the base64 text',
    ({ challenge }) => signedText(Buffer.from(challenge).toString('base64')),
    'challenge-signature-invalid',
    /^sign the challenge's own octets: the signature is over their base64 text/,
  ],
  [
    'signature: over the nonce',
    ({ challenge }) => signedText(/ nonce=(\S+)/.exec(challenge)![1]!),
    'challenge-signature-invalid',
    /^sign the whole challenge text/,
  ],
  [
    'signature: over the hash',
    ({ challenge }) => signedText(createHash('sha256').update(challenge).digest('hex')),
    'challenge-signature-invalid',
    /its SHA-256 in hexadecimal/,
  ],
  [
    'signature: of another challenge',
    () => signedText('my-key-platform/challenge/1'),
    'challenge-signature-invalid',
    /^sign exactly the \d+ octets of this challenge/,
  ],
];

describe('detail names the cure first', () => {
  it.each(cases)('%s', async (_name, change, code, cure) => {
    const good = await platform.signed(card);
    const { body } = await platform.call('authenticate', { ...good, ...(await change(good)) });
    expect(body['code']).toMatch(new RegExp(`^(?:${code})$`));
    const errors = body['errors'] as { pointer: string; detail: string }[] | undefined;
    expect(errors?.[0]?.detail ?? body['detail']).toMatch(cure);
  });

  it('names the intermediate that cannot be read, by its place', async () => {
    const good = await platform.signed(card);
    const intermediates = [authority, der(authority).subarray(0, 500).toString('base64')];
    const { body } = await platform.call('authenticate', { ...good, intermediates });
    expect(body['errors']).toEqual([
      {
        pointer: '#/intermediates/1',
        detail: expect.stringMatching(/^give the whole certificate/),
      },
    ]);
  });

  it('reveals nothing about the signature without a card’s certificate', async () => {
    const good = await platform.signed(card);
    const { body } = await platform.call('authenticate', {
      ...good,
      certificate: authority,
      signature: 'AAAA',
    });
    expect(body['detail']).not.toMatch(/signature/);
  });

  it('says it with a verdict too', async () => {
    const certificate = der(card['user-authentication'].certificate).subarray(0, 400);
    const { status, body } = await platform.call('validate-certificate', {
      certificate: certificate.toString('base64'),
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      code: 'certificate-malformed',
      detail: expect.stringMatching(/^give the whole certificate: it is cut, 400 of/),
    });
    const valid = await platform.call('validate-certificate', {
      certificate: card['user-authentication'].certificate,
    });
    expect(valid.body).not.toHaveProperty('detail');
  });
});
