import * as z from 'zod';
import { base64Cure, notTextCure } from '../base64-cure.ts';
import { myKeyIdAlphabet, myKeyIdChoice, readMyKeyId } from '../../../people/my-key-id.ts';
import { ppidForm } from '../../../people/ppid.ts';
import { fieldLimits } from '../limits.ts';

/** An identifier issued by the platform. */
export const id = (what: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, {
      error: 'send it as the platform gave it: 1 to 64 of A–Z, a–z, 0–9, _ and -',
    })
    .meta({ description: what });

export const ppid = z
  .string()
  .regex(ppidForm)
  .meta({ description: 'The person’s identifier at this service only' });

/**
 * The rule for all text entered by people: normalised to NFC (UAX #15), so that equivalent spellings
 * compare equal; no lone surrogates, control characters, directional formatting characters (UAX #9) or
 * zero-width characters. Patterns are ECMA-262 without flags, as client generators expect.
 */
const text = (what: string, most: number, { given, pattern, error }: TextRule = anyText) =>
  given
    .normalize('NFC')
    .min(1)
    .max(most)
    .regex(pattern, { error })
    .refine((written) => written.isWellFormed(), {
      error: 'remove the lone surrogate',
    })
    .meta({ description: what });

interface TextRule {
  readonly given: z.ZodString;
  readonly pattern: RegExp;
  readonly error: string;
}

const anyText: TextRule = {
  given: z.string().trim(),
  pattern:
    // eslint-disable-next-line no-control-regex
    /^[^\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]*$/,
  error: 'leave out the control or direction character that is in it',
};

/** The same without blanks and without private characters. */
const unbroken: TextRule = {
  given: z.string(),
  pattern:
    // eslint-disable-next-line no-control-regex
    /^[^\u0000-\u0020\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ue000-\uf8ff\ufeff\ufff9-\ufffb]*$/,
  error: 'leave out the blank, control or direction character that is in it',
};

/** A name that people read. */
export const name = (what: string) => text(what, fieldLimits.nameCharacters);

/** A short name that a caller refers to something by. */
export const label = (what: string) => text(what, fieldLimits.labelCharacters);

/** Refuses free text with a number of five digits or a PPID in it. */
export const withoutIdentifiers = (written: z.ZodString) =>
  written.refine((given) => !/\d{5}|[a-z2-7]{32}/.test(given), {
    error: 'leave out numbers and identifiers of persons',
  });

/** Some sentences in one paragraph. */
export const statement = (what: string) => text(what, fieldLimits.statementCharacters);

/** RFC 3339, UTC, milliseconds or seconds. */
export const timestamp = (what: string) =>
  z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/, { abort: true })
    .refine(isMoment, { error: 'send an existing date and time' })
    .meta({ description: what, format: 'date-time' });

/** Date would read 30 February as 2 March and reject hour 25: both are reported as errors. */
function isMoment(text: string): boolean {
  const moment = new Date(text);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text.slice(0, 19));
}

/**
 * Standard base64 with padding (RFC 4648 §4), at most `bytes` octets decoded. Other input gets an
 * error with its recognised format and the correction.
 */
export const base64 = (what: string, bytes: number) =>
  z
    .string({ error: ({ input }) => notTextCure(input) })
    // Checking the length in the pattern itself would take a third of the handler's time for a
    // certificate.
    .regex(/^[A-Za-z0-9+/]+={0,2}$/, {
      error: ({ input }) => base64Cure(input as string),
      abort: true,
    })
    .min(4)
    .max(4 * Math.ceil(bytes / 3), {
      error: `send at most ${bytes} octets: this is longer`,
      abort: true,
    })
    .refine((text) => text.length % 4 === 0, { error: ({ input }) => base64Cure(input as string) })
    .meta({ description: what, contentEncoding: 'base64' });

/** A certificate with RSA-4096 and all extensions stays below 8 KiB. */
export const certificate = base64('DER of the certificate', 8 * 1024);
export const intermediates = z
  .array(base64('DER of an intermediate certificate', 8 * 1024))
  .max(4)
  .meta({
    description: 'Intermediate certificates for building the path; never trust anchors',
  });

export const method = z
  .enum(['ocsp', 'crl', 'auto'])
  .meta({ description: 'How revocation is checked. `auto`: OCSP, then CRL' });

export const kind = z
  .enum(['user-authentication', 'digital-signature'])
  .meta({ description: '利用者証明用 or 署名用' });

/** Identifiers in the path. */
export const serviceIdPath = z.object({ serviceId: id('The service') });

/** As parsed by `readSerial`; docs/bulk-jobs.md has the rule. */
export const serialFormat = z.enum(['hex', 'decimal']).meta({
  description:
    'How serials are written. Required if five or more of them contain no digit a–f and could therefore be decimal',
});

/** The symbols of a My Key ID that its holder chooses; the last one is computed. */
export const myKeyIdChosen = z
  .string()
  .toUpperCase()
  .regex(new RegExp(`^[${myKeyIdAlphabet}]{${myKeyIdChoice}}$`), {
    error: `choose ${myKeyIdChoice} of the characters ${myKeyIdAlphabet}`,
  });

/** A My Key ID as people write it; read as its one spelling. */
export const myKeyIdAsWritten = z
  .string()
  .max(fieldLimits.writtenMyKeyIdCharacters)
  // Of the characters that `readMyKeyId` reads or removes; it decides on the rest.
  .regex(
    /^[0-9A-Za-z\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\s\u2010-\u2015\u2212\u30fc\uff0d\uff70-]*$/,
    { error: 'send letters and digits, in groups by blanks or hyphens at most' },
  )
  .overwrite((text) => {
    const read = readMyKeyId(text);
    return 'myKeyId' in read ? read.myKeyId : text;
  })
  .refine((text) => 'myKeyId' in readMyKeyId(text), {
    error: 'send eight characters as issued: one is wrong, missing or exchanged',
  })
  .meta({ description: 'As issued; small letters, blanks and hyphens are accepted' });

/** Printable text, ASCII or Japanese; the service decides the format. */
export const userNumber = text(
  'The person’s number in the service’s own system',
  fieldLimits.userNumberCharacters,
  unbroken,
  // Excludes unassigned and private-use characters beyond the BMP, which a pattern without flags cannot.
).refine((written) => !/\p{C}/u.test(written), {
  error: 'remove the control or private-use character',
});
