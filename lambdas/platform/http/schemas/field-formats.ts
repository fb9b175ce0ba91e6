import * as z from 'zod';
import { base64Cure, notTextCure } from '../base64-cure.ts';
import { fieldLimits } from '../limits.ts';

/** An identifier that the platform made. */
export const id = (what: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .meta({ description: what });

/**
 * The one rule for text that people write: in NFC (UAX #15), so that two spellings of one text are one;
 * no half of a surrogate pair, no control character, and none that changes the direction or the place of
 * those around it (UAX #9 and zero-width characters). Patterns are plain ECMA-262 without flags, which
 * generators of clients read.
 */
const text = (what: string, most: number, { given, pattern, error }: TextRule = anyText) =>
  given
    .normalize('NFC')
    .min(1)
    .max(most)
    .regex(pattern, { error })
    .refine((written) => written.isWellFormed(), {
      error: 'send whole characters: half of a surrogate pair is in it',
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

/** RFC 3339, UTC, milliseconds or seconds. */
export const timestamp = (what: string) =>
  z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/, { abort: true })
    .refine(isMoment, { error: 'no such day or time' })
    .meta({ description: what, format: 'date-time' });

/** 30 February is read as 2 March, 25 o'clock as no time at all: both say another thing than was written. */
function isMoment(text: string): boolean {
  const moment = new Date(text);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text.slice(0, 19));
}

/**
 * Standard base64 with padding (RFC 4648 §4), at most `bytes` decoded. What else is sent is told what it
 * is and how to mend it.
 */
export const base64 = (what: string, bytes: number) =>
  z
    .string({ error: ({ input }) => notTextCure(input) })
    // Counting in fours inside the pattern cost a third of the whole stack for a certificate.
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

/** RSA-4096 with every extension stays under 8 KiB. */
export const certificate = base64('DER of the certificate', 8 * 1024);
export const intermediates = z
  .array(base64('DER of an intermediate certificate', 8 * 1024))
  .max(4)
  .meta({
    description: 'Certificates that may help to build the path; never trusted by themselves',
  });

export const method = z
  .enum(['ocsp', 'crl', 'auto'])
  .meta({ description: 'How revocation is asked. `auto`: OCSP, then CRL' });

export const kind = z
  .enum(['user-authentication', 'digital-signature'])
  .meta({ description: '利用者証明用 or 署名用' });

/** Service ids and such in the path. */
export const serviceIdPath = z.object({ serviceId: id('The service') });

/** As `readSerial` reads them; docs/bulk-jobs.md has the one rule. */
export const serialFormat = z.enum(['hex', 'decimal']).meta({
  description:
    'How serials are written. Needed where ten or more of them show no digit a–f, which leaves open what they are',
});

/** Printable ASCII and Japanese text alike; what a number looks like is the service's own affair. */
export const userNumber = text(
  'The number that the service’s own system knows the person by',
  fieldLimits.userNumberCharacters,
  unbroken,
  // Unassigned and private characters beyond the basic plane, of which a pattern without flags knows nothing.
).refine((written) => !/\p{C}/u.test(written), {
  error: 'leave out the control or private character that is in it',
});
