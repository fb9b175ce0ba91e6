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
 * A name that people read, in NFC, so that two spellings of one name are one name. No control
 * characters, and none that change the direction or the place of those around them.
 */
export const name = (what: string) =>
  z
    .string()
    .trim()
    .normalize('NFC')
    .min(1)
    .max(120)
    .regex(
      // eslint-disable-next-line no-control-regex
      /^[^\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*$/,
      { error: 'a control or direction character is in it' },
    )
    .refine((text) => text.isWellFormed(), { error: 'half of a surrogate pair is in it' })
    .meta({ description: what });

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
export const userNumber = z
  .string()
  .min(1)
  .max(fieldLimits.userNumberCharacters)
  .regex(/^[^\p{C}\s]+$/u, { error: 'no blanks and no control characters' })
  .meta({ description: 'The number that the service’s own system knows the person by' });
