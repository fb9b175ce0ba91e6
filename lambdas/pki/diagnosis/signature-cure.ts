import { constants, createHash, publicDecrypt, type KeyObject } from 'node:crypto';
import { engineLimits } from '../limits.ts';
import type { Certificate } from '../x509/certificate.ts';
import { pinnedScheme } from '../x509/challenge-signature.ts';
import { sameBytes, toHex, toLatin1 } from '../x509/octets.ts';
import { importKey, shapeOf, type KeyShape } from '../x509/public-key.ts';
import { digestNames, isWellFormed, verifyUnderScheme } from '../x509/verify-signature.ts';
import type { HashName, SignatureScheme, StreamedScheme } from '../x509/signature-scheme.ts';
import { octetsInWords } from './octets-cure.ts';
import { structureOf } from './what-it-is.ts';

/** Octets that a client may have signed by mistake, and the advice for that case. */
export interface OtherMessage {
  readonly cure: string;
  readonly octets: Uint8Array;
}

/**
 * Advice for an invalid signature over a challenge, the cure first. It is called only after the signature
 * was refused, and its result proves nothing. It discloses nothing that the caller could not find out with
 * the certificate alone. At most `engineLimits.diagnosisVerifications` signature verifications are made (RSA: 18).
 * @param others octets that clients of this protocol may have signed in place of the challenge
 */
export function signatureCure(
  leaf: Certificate,
  challenge: Uint8Array,
  signature: Uint8Array,
  others: readonly OtherMessage[] = [],
): string {
  const shape = shapeOf(leaf);
  const scheme = shape && pinnedScheme(shape);
  const key = importKey(leaf);
  if (!shape || !scheme || !key) return 'use a certificate with a supported type of key';
  const budget = { left: engineLimits.diagnosisVerifications };
  const messages = [...otherForms(challenge), ...others];
  const forms = formsOf(signature, shape).filter(({ octets }) =>
    isWellFormed(scheme, shape, octets),
  );
  for (const { cure, octets } of forms) {
    const over = messageCure({ leaf, key, scheme, challenge, messages, budget }, octets);
    if (over !== undefined) return [cure, over].filter((part) => part !== '').join('; ');
  }
  return formCure(signature, shape, forms[0]?.cure, challenge);
}

interface Question {
  readonly leaf: Certificate;
  readonly key: KeyObject;
  readonly scheme: SignatureScheme;
  readonly challenge: Uint8Array;
  readonly messages: readonly OtherMessage[];
  readonly budget: { left: number };
}

/** '' if the signature is valid over the challenge itself; undefined if no cause is found. */
function messageCure(question: Question, signature: Uint8Array): string | undefined {
  return question.scheme.family === 'ecdsa'
    ? cureByTrying(question, signature)
    : cureByRecovery(question, signature);
}

const hashes: readonly HashName[] = ['SHA-256', 'SHA-1', 'SHA-384', 'SHA-512', 'SHA-224', 'MD5'];

/** ECDSA recovers no message digest, so each possible cause needs one verification. */
function cureByTrying(question: Question, signature: Uint8Array): string | undefined {
  const { leaf, scheme, challenge, messages, budget } = question;
  const pinned = scheme as Exclude<StreamedScheme, { family: 'rsa-pss' }>;
  const holds = (data: Uint8Array, hash = pinned.hash): boolean =>
    budget.left-- > 0 && verifyUnderScheme({ ...pinned, hash }, { data, signature }, leaf, false);
  if (holds(challenge)) return '';
  for (const hash of hashes) {
    if (hash !== pinned.hash && holds(challenge, hash)) return digestCure(pinned.hash, hash);
  }
  return messages.find(({ octets }) => holds(octets))?.cure;
}

/**
 * RSA recovers the encoded message in one operation; possible causes are then compared with it. No budget is
 * needed: at most three forms have the length of the modulus (the signature as it is, reversed, or one wrapper
 * or encoding less), each with one recovery and six verifications of RSASSA-PSS at most.
 */
function cureByRecovery(question: Question, signature: Uint8Array): string | undefined {
  const { leaf, key, challenge, messages } = question;
  const encoded = recovered(key, signature);
  if (encoded === undefined) return undefined;
  if (encoded.at(-1) === 0xbc && encoded[0]! < 0x80) {
    const pss = 'sign with RSASSA-PKCS1-v1_5 and SHA-256: this is RSASSA-PSS';
    const held = hashes.some((hash) =>
      verifyUnderScheme(pssOf(hash), { data: challenge, signature }, leaf, false),
    );
    return held ? pss : undefined;
  }
  const payload = blockOne(encoded);
  if (payload === undefined) return undefined;
  const info = digestInfoOf(payload);
  if (info === undefined) return bareCure(payload, challenge);
  const { hash, digest } = info;
  const over = (octets: Uint8Array): boolean => sameBytes(digestOf(hash, octets), digest);
  if (over(challenge)) return hash === 'SHA-256' ? '' : digestCure('SHA-256', hash);
  const other = messages.find(({ octets }) => over(octets));
  if (other) return hash === 'SHA-256' ? other.cure : `${other.cure}; hash with SHA-256`;
  return `sign exactly the ${octetsInWords(challenge.length)} of this challenge: the certificate's key signed others`;
}

/** The octets after the EMSA-PKCS1-v1_5 padding 00 01 FF … 00 (RFC 8017 §9.2). */
function blockOne(encoded: Uint8Array): Uint8Array | undefined {
  if (encoded[0] !== 0 || encoded[1] !== 1) return undefined;
  let at = 2;
  while (encoded[at] === 0xff) at++;
  return encoded[at] === 0 && at > 9 ? encoded.subarray(at + 1) : undefined;
}

function bareCure(payload: Uint8Array, challenge: Uint8Array): string | undefined {
  const info = 'put the digest into a DigestInfo before padding (RFC 8017 §9.2)';
  if (hashes.some((hash) => sameBytes(payload, digestOf(hash, challenge)))) {
    return `${info}: the bare digest was signed`;
  }
  if (sameBytes(payload, challenge)) return `hash the challenge with SHA-256 and ${info}`;
  return undefined;
}

/** DER of the DigestInfo before the digest, by hash (RFC 8017 §9.2, note 1). */
const digestInfoHeads: readonly (readonly [HashName, string])[] = [
  ['SHA-256', '3031300d060960864801650304020105000420'],
  ['SHA-1', '3021300906052b0e03021a05000414'],
  ['SHA-384', '3041300d060960864801650304020205000430'],
  ['SHA-512', '3051300d060960864801650304020305000440'],
  ['SHA-224', '302d300d06096086480165030402040500041c'],
  ['MD5', '3020300c06082a864886f70d020505000410'],
];

function digestInfoOf(payload: Uint8Array): { hash: HashName; digest: Uint8Array } | undefined {
  const hex = toHex(payload);
  const found = digestInfoHeads.find(([, head]) => hex.startsWith(head));
  return found && { hash: found[0], digest: payload.subarray(found[1].length / 2) };
}

function recovered(key: KeyObject, signature: Uint8Array): Uint8Array | undefined {
  try {
    return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  } catch {
    // The signature representative is not below the modulus.
    return undefined;
  }
}

const pssOf = (hash: HashName): SignatureScheme => ({
  family: 'rsa-pss',
  hash,
  maskHash: hash,
  saltLength: constants.RSA_PSS_SALTLEN_AUTO,
  parameters: new Uint8Array(),
});

const digestCure = (wanted: HashName, found: HashName): string =>
  `hash the challenge with ${wanted}: ${found} was used`;

const digestOf = (hash: HashName, octets: Uint8Array): Uint8Array =>
  createHash(digestNames[hash]).update(octets).digest();

const form = (what: string, of: string | Uint8Array): OtherMessage => ({
  cure: `sign the challenge's own octets: the signature is over ${what}`,
  octets: typeof of === 'string' ? Buffer.from(of, 'latin1') : of,
});

/** Encodings of the challenge that clients have signed by mistake. */
function otherForms(challenge: Uint8Array): readonly OtherMessage[] {
  const text = toLatin1(challenge);
  const octets = Buffer.from(challenge);
  const digest = digestOf('SHA-256', challenge);
  const utf16 = Buffer.from(text, 'utf16le');
  return [
    {
      cure: 'hash the challenge once: the signature is over the hash of its SHA-256',
      octets: digest,
    },
    form('its SHA-256 in hexadecimal', toHex(digest)),
    form('its SHA-256 in base64', Buffer.from(digest).toString('base64')),
    form('their base64 text', octets.toString('base64')),
    form('their base64url text', octets.toString('base64url')),
    form('their hexadecimal text', toHex(challenge)),
    form('them followed by a line end (LF)', `${text}\n`),
    form('them followed by a line end (CRLF)', `${text}\r\n`),
    form('them followed by a zero octet', `${text}\0`),
    form('them in quotation marks, as JSON', JSON.stringify(text)),
    form('the JSON object around them', JSON.stringify({ challenge: text })),
    form('their UTF-16 (little-endian)', utf16),
    form('their UTF-16 (big-endian)', Buffer.from(utf16).swap16()),
    form('them, percent-encoded', encodeURIComponent(text)),
    form('an empty message', ''),
  ];
}

interface SignatureForm {
  /** '' for the signature as it is. */
  readonly cure: string;
  readonly octets: Uint8Array;
}

/** The signature as it is, and decoded from the encodings and wrappers that clients have sent by mistake. */
function formsOf(signature: Uint8Array, shape: KeyShape): readonly SignatureForm[] {
  const forms: SignatureForm[] = [
    { cure: '', octets: signature },
    ...encodedForms(signature),
    ...wrappedForms(signature),
  ];
  return shape.type === 'ec'
    ? forms.flatMap((form) => [form, ...pairForms(form)])
    : [
        ...forms,
        {
          cure: 'send the signature in big-endian order: its octets are reversed',
          octets: Uint8Array.from(signature).toReversed(),
        },
      ];
}

function encodedForms(signature: Uint8Array): readonly SignatureForm[] {
  const forms: SignatureForm[] = [];
  const once = 'encode the signature in base64, once';
  const take = (text: string, how: string): void => {
    const bare = text.replaceAll(/-----[A-Z ]+-----/g, '').replaceAll(/[\s:]|^0x/g, '');
    const cure = (what: string): string => `${once}: ${how} ${what}`;
    if (/^(?:[0-9a-f]{2})+$/i.test(bare)) {
      forms.push({ cure: cure('hexadecimal'), octets: Buffer.from(bare, 'hex') });
    }
    if (/^[\w+/-]{8,}={0,2}$/.test(bare)) {
      forms.push({ cure: cure('base64 text'), octets: Buffer.from(bare, 'base64') });
    }
  };
  // Hexadecimal text also decodes as base64; encoding the octets again restores that text.
  const field = Buffer.from(signature).toString('base64');
  if (/^[0-9a-f]+$/i.test(field)) take(field, 'it is');
  const text = toLatin1(signature);
  if (/^[\t\r\n\x20-\x7e]+$/.test(text)) take(text.trim(), 'decoded, it is');
  return forms;
}

function wrappedForms(signature: Uint8Array): readonly SignatureForm[] {
  const [first] = signature;
  const tail = (from: number): Uint8Array => signature.subarray(from);
  const forms: SignatureForm[] = [];
  const bare = (what: string, octets: Uint8Array): void => {
    forms.push({ cure: `send the signature without ${what}`, octets });
  };
  if (first === 0x03 || first === 0x04) {
    const long = signature[1]! >= 0x80 ? signature[1]! & 0x7f : 0;
    const start = 2 + long;
    if (first === 0x04) bare('the OCTET STRING around it', tail(start));
    else bare('the BIT STRING around it', tail(start + 1));
  }
  if (first === 0) bare('the leading zero octet', tail(1));
  const end = signature.length;
  if (signature[end - 2] === 0x90 && signature[end - 1] === 0) {
    bare("the card's status word 90 00 at the end", signature.subarray(0, -2));
  }
  if (signature[end - 1] === 0x0a) bare('the line end after it', signature.subarray(0, -1));
  return forms;
}

/** r and s concatenated (IEEE P1363, JWS), and a pair that is BER but not DER. */
function pairForms({ cure, octets }: SignatureForm): readonly SignatureForm[] {
  const said = (what: string): string => (cure === '' ? what : `${cure}; ${what}`);
  const half = octets.length / 2;
  if (half === 32 || half === 48) {
    return [
      {
        cure: said('send ECDSA signatures in DER: this is r and s concatenated (IEEE P1363, JWS)'),
        octets: derPair(octets.subarray(0, half), octets.subarray(half)),
      },
    ];
  }
  const pair = loosePair(octets);
  if (pair === undefined) return [];
  return [
    {
      cure: said('encode r and s in their shortest form (DER): this is not'),
      octets: derPair(...pair),
    },
  ];
}

function loosePair(octets: Uint8Array): readonly [Uint8Array, Uint8Array] | undefined {
  if (structureOf(octets) !== 'signature' || octets.length > 160) return undefined;
  const start = octets[1]! >= 0x80 ? 3 : 2;
  const r = octets.subarray(start + 2, start + 2 + octets[start + 1]!);
  const at = start + 2 + r.length;
  const s = octets.subarray(at + 2, at + 2 + (octets[at + 1] ?? 0));
  return [r, s];
}

function derPair(r: Uint8Array, s: Uint8Array): Uint8Array {
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

function derInteger(value: Uint8Array): Uint8Array {
  let at = 0;
  while (at < value.length - 1 && value[at] === 0) at++;
  const digits = value.subarray(at);
  const signed = digits[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits;
  return Buffer.concat([Buffer.of(0x02, signed.length), signed]);
}

/** Advice when the signature is invalid in every form over every message that was tried. */
function formCure(
  signature: Uint8Array,
  shape: KeyShape,
  known: string | undefined,
  challenge: Uint8Array,
): string {
  const text = toLatin1(signature.subarray(0, 64));
  if (/^[\w-]+\.[\w-]*\.?[\w-]*$/.test(text) && text.startsWith('eyJ')) {
    return 'send the bare signature over the challenge: this is a JWS';
  }
  if (structureOf(signature) === 'PKCS #7 (CMS) message') {
    return 'send the bare signature over the challenge: this is a PKCS #7 (CMS) message';
  }
  const wanted = shape.type === 'rsa' ? Math.ceil(shape.bits / 8) : undefined;
  if (known === undefined && wanted !== undefined) {
    return `send the ${octetsInWords(wanted)} that this key makes: the signature has ${octetsInWords(signature.length)}`;
  }
  if (known === undefined) {
    return `send the signature in DER, r and s: its ${octetsInWords(signature.length)} are not such a pair`;
  }
  const prefix = known === '' ? '' : `${known}; `;
  return `${prefix}sign exactly the ${octetsInWords(challenge.length)} of this challenge, by the key of the certificate that is sent: the signature fits neither`;
}
