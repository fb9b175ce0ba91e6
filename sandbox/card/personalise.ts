import {
  createHash,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { tags, tokens } from '../../reader/core/card-profile.ts';
import { generatePrivateKey } from '../jlis/authority.ts';
import { pinTries } from '../jlis/card-signing.ts';
import type { Office } from '../jlis/card-life.ts';
import type { Person } from '../jlis/person.ts';
import { newestCertificate, personOf, type Card } from '../jlis/registry.ts';
import { encodePublicKey, type CvAuthority } from './cv-authority.ts';
import { tlv } from './tlv-writer.ts';

/** A secret on the chip with its try counter. */
export interface ChipSecret {
  value: string;
  triesLeft: number;
  readonly tries: number;
}

/** The chip's content, for the virtual card. */
export interface ChipContents {
  readonly jpki: {
    readonly token: Buffer;
    readonly certificate: Buffer;
    readonly caCertificate: Buffer;
    readonly signatureCertificate?: Buffer;
    readonly signatureCaCertificate?: Buffer;
    readonly key: KeyObject;
    readonly signatureKey?: KeyObject;
    /** Shared with the simulated J-LIS: a PIN blocked in one is blocked in both. */
    readonly pin: ChipSecret;
    readonly signaturePassword?: ChipSecret;
  };
  /** Phones have neither. */
  readonly surface?: {
    readonly key: KeyObject;
    readonly record: Buffer;
    readonly cvCertificate: Buffer;
    readonly birthDate: ChipSecret;
  };
  readonly inputAssistance?: {
    readonly attributes: Buffer;
    readonly digests: Buffer;
    readonly cvCertificate: Buffer;
    readonly pin: ChipSecret;
    readonly verificationNumberB: ChipSecret;
  };
}

export interface ChipOptions {
  readonly phone?: 'android' | 'iphone';
  readonly inputAssistancePin?: string;
  /** Overrides the person's attributes. */
  readonly name?: string;
  readonly address?: string;
}

/** Tries of the numbers printed on the card; the real values are not published. */
const printedNumberTries = 10;

/** The chip of a card issued by the simulated J-LIS, from its person and its keys. */
export async function personalise(
  office: Office,
  card: Card,
  cv: CvAuthority,
  options: ChipOptions = {},
): Promise<ChipContents> {
  const jpki = jpkiContents(office, card, options);
  if (card.medium === 'phone') return { jpki };
  const person = personOf(office.registry, card.personId);
  return {
    jpki,
    surface: await surfaceContents(card, person, cv),
    inputAssistance: inputAssistanceContents(office, card, person, cv, options),
  };
}

function jpkiContents(office: Office, card: Card, { phone }: ChipOptions): ChipContents['jpki'] {
  const user = card.slots['user-authentication'];
  const signature = card.slots['digital-signature'];
  const certificates = (slot: typeof user): { leaf: Buffer; ca: Buffer } => {
    const record = newestCertificate(office.registry, slot);
    return {
      leaf: Buffer.from(record.certificate, 'base64'),
      ca: office.authorities.find(({ id }) => id === record.anchorId)!.certificate,
    };
  };
  const token = card.medium === 'phone' ? (phone ?? 'android') : 'card';
  const tokenText = Object.entries(tokens).find(([, medium]) => medium === token)![0];
  const { leaf, ca } = certificates(user);
  return {
    token: Buffer.from(tokenText.padEnd(20, '\0'), 'latin1'),
    certificate: leaf,
    caCertificate: ca,
    key: createPrivateKey(user.privateKey),
    pin: slotSecret(user, pinTries['user-authentication']),
    ...(signature && {
      signatureCertificate: certificates(signature).leaf,
      signatureCaCertificate: certificates(signature).ca,
      signatureKey: createPrivateKey(signature.privateKey),
      signaturePassword: slotSecret(signature, pinTries['digital-signature']),
    }),
  };
}

const slotSecret = (slot: { pin: string; triesLeft: number }, tries: number): ChipSecret => ({
  tries,
  get value() {
    return slot.pin;
  },
  get triesLeft() {
    return slot.triesLeft;
  },
  set triesLeft(left) {
    slot.triesLeft = left;
  },
});

async function surfaceContents(
  card: Card,
  person: Person,
  cv: CvAuthority,
): Promise<NonNullable<ChipContents['surface']>> {
  const key = createPrivateKey(await chipKeyOf(card));
  const birthDate = eraBirthDate(person.birthDate);
  const signed = [
    tlv(tags.chipRecord.birthDate, Buffer.from(birthDate)),
    tlv(tags.chipRecord.publicKey, encodePublicKey(createPublicKey(key))),
  ];
  return {
    key,
    record: tlv(
      tags.chipRecord.template,
      ...signed,
      tlv(tags.chipRecord.signature, cv.sign(Buffer.concat(signed))),
    ),
    cvCertificate: cv.certificate,
    birthDate: secret(birthDate, printedNumberTries),
  };
}

/** One key for the lifetime of a card, independent of how often it is placed on a reader. */
function chipKeyOf(card: Card): Promise<string> {
  const made = chipKeys.get(card) ?? generatePrivateKey('rsa-2048');
  chipKeys.set(card, made);
  return made;
}
const chipKeys = new WeakMap<Card, Promise<string>>();

function inputAssistanceContents(
  office: Office,
  card: Card,
  person: Person,
  cv: CvAuthority,
  options: ChipOptions,
): NonNullable<ChipContents['inputAssistance']> {
  const values = [
    options.name ?? person.name,
    options.address ?? person.address,
    person.birthDate.replaceAll('-', ''),
    person.sex,
  ].map((text) => Buffer.from(text, 'utf8'));
  const { name, address, birthDate, sex, offsets, template } = tags.attributes;
  const objects = [name, address, birthDate, sex].map((tag, i) => tlv(tag, values[i]!));
  const table = Buffer.alloc(2 * objects.length);
  const attributes = tlv(template, tlv(offsets, table), ...objects);
  // Offset of each object in the file; readers of this project parse the tags instead.
  for (const [i, object] of objects.entries())
    table.writeUInt16BE(attributes.indexOf(object), 2 * i);
  const whole = tlv(template, tlv(offsets, table), ...objects);
  const signed = [
    // Sandbox people have no individual number: random octets replace its digest.
    tlv(tags.digests.otherDigest, randomBytes(32)),
    tlv(tags.digests.attributesDigest, createHash('sha256').update(whole).digest()),
  ];
  return {
    attributes: whole,
    digests: tlv(
      tags.digests.template,
      ...signed,
      tlv(tags.digests.signature, cv.sign(Buffer.concat(signed))),
    ),
    cvCertificate: cv.certificate,
    pin: secret(options.inputAssistancePin ?? card.slots['user-authentication'].pin, 3),
    verificationNumberB: secret(printedNumber(office, card, person), printedNumberTries),
  };
}

/** 照合番号B as printed: birth date, year of expiry, security code. */
export function printedNumber(office: Office, card: Card, person: Person): string {
  const { notAfter } = newestCertificate(office.registry, card.slots['user-authentication']);
  const code = String(7919 * Number(card.cardId.replace(/\D/g, '')))
    .padStart(4, '0')
    .slice(-4);
  return `${eraBirthDate(person.birthDate)}${new Date(notAfter).getUTCFullYear()}${code}`;
}

const secret = (value: string, tries: number): ChipSecret => ({ value, tries, triesLeft: tries });

/** First year of each era, by its first day. */
const eras: readonly (readonly [string, number])[] = [
  ['2019-05-01', 2019],
  ['1989-01-08', 1989],
  ['1926-12-25', 1926],
  ['1912-07-30', 1912],
];

/** YYMMDD with the year counted in its era. */
function eraBirthDate(birthDate: string): string {
  const [year, month, day] = birthDate.split('-');
  const first = eras.find(([start]) => birthDate >= start)?.[1] ?? 1868;
  return `${String(Number(year) - first + 1).padStart(2, '0')}${month}${day}`;
}
