// Classic zod would be a tenth of the code of functions that parse nothing else.
import * as z from 'zod/mini';
import { MyKeyError } from '../errors.ts';
import type { TrustProfile } from '../pki/trust-profile.ts';
import { parseCertificate } from '../pki/x509/certificate.ts';
import { nearestName } from './nearest-name.ts';
import { linkageUrlFault, listUrlFault, responderUrlFault } from './profile-urls.ts';

/**
 * Parses a trust profile. Binary values are base64, times are milliseconds. Throws
 * `MyKeyError('request-invalid')` naming the field that is missing, mistyped or unknown.
 */
export function parseTrustProfile(json: unknown): TrustProfile {
  const { data, error } = profileSchema.safeParse(json);
  if (error === undefined) return data;
  const { path, message } = error.issues[0]!;
  throw new MyKeyError('request-invalid', `${placeOf(path)} ${message}`);
}

const placeOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (place, step) => (typeof step === 'number' ? `${place}[${step}]` : `${place}.${String(step)}`),
    'trustProfile',
  );

/** Exactly these fields; an unknown field is reported with the nearest known name. */
const fields = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.pipe(
    z.looseObject({}, { error: 'is not an object' }).check(
      z.superRefine((value, context) => {
        for (const name of Object.keys(value))
          if (!Object.hasOwn(shape, name))
            context.addIssue({
              code: 'custom',
              path: [name],
              message: `is not a known field${nearestName(name, Object.keys(shape))}`,
            });
      }),
    ),
    z.object(shape),
  );

const text = z.readonly(
  z
    .string({ error: 'is not a string' })
    .check(z.minLength(1, { error: 'is not a string', abort: true })),
);
const count = z
  .int({ error: 'is not a non-negative whole number' })
  .check(z.minimum(0, { error: 'is not a non-negative whole number' }));
const list = <Item extends z.core.$ZodType>(item: Item) =>
  z.readonly(z.array(item, { error: 'is not an array' }));
const oneOf = <const Name extends string>(names: readonly Name[]) =>
  z.enum(names, { error: `is none of ${names.join(', ')}` });
const base64 = z.pipe(
  text.check(
    z.refine((value) => value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value), {
      error: 'is not base64',
      abort: true,
    }),
  ),
  z.transform((value) => new Uint8Array(Buffer.from(value, 'base64'))),
);
const certificate = z.pipe(
  base64,
  z.transform((der, context) => {
    try {
      return parseCertificate(der);
    } catch (cause) {
      context.issues.push({
        code: 'custom',
        message: `is not a certificate: ${(cause as Error).message}`,
        input: der,
      });
      return z.NEVER;
    }
  }),
);
const url = (faultOf: (text: string) => string | undefined) =>
  text.check(
    z.superRefine((value, context) => {
      const fault = faultOf(value);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    }),
  );

const kind = oneOf(['user-authentication', 'digital-signature']);
const kindRules = fields({
  policies: list(text),
  keyUsage: list(oneOf(['digitalSignature', 'nonRepudiation'])),
  extendedKeyUsage: z.exactOptional(text),
});

const profileSchema = fields({
  name: oneOf(['sandbox', 'jpki-test', 'jpki-production']),
  anchors: list(fields({ id: text, kind, certificate })),
  kinds: fields({ 'user-authentication': kindRules, 'digital-signature': kindRules }),
  algorithms: fields({
    minimumRsaBits: count,
    minimumDsaBits: z.exactOptional(count),
    curves: list(oneOf(['P-256', 'P-384', 'P-521', 'Ed25519'])),
    hashes: list(oneOf(['MD5', 'SHA-1', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'])),
  }),
  clockSkewMs: count,
  crlMaxAgeMs: count,
  ocspMaxAgeMs: count,
  ocspResponders: list(
    fields({
      anchorId: text,
      url: url(responderUrlFault),
      certIdHash: z.exactOptional(oneOf(['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'])),
      nonce: z.exactOptional(oneOf(['required', 'optional', 'none'])),
      certificates: z.exactOptional(list(certificate)),
    }),
  ),
  crlSources: list(
    fields({
      id: text,
      anchorId: text,
      url: url(listUrlFault),
      distributionPoint: z.exactOptional(base64),
    }),
  ),
  linkageUrl: url(linkageUrlFault),
  chipRoots: z.exactOptional(list(fields({ keyId: text, publicKey: base64 }))),
}).check(
  z.superRefine(({ anchors, ocspResponders, crlSources }, context) => {
    const ids = new Set(anchors.map(({ id }) => id));
    if (ids.size !== anchors.length)
      context.addIssue({
        code: 'custom',
        path: ['anchors'],
        message: 'has two anchors of the same name',
      });
    for (const [part, items] of Object.entries({ ocspResponders, crlSources }))
      for (const [index, { anchorId }] of items.entries())
        if (!ids.has(anchorId))
          context.addIssue({
            code: 'custom',
            path: [part, index, 'anchorId'],
            message: 'names no anchor',
          });
  }),
);
