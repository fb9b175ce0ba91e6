import * as z from 'zod';
import { kind, timestamp } from './field-formats.ts';

/** How a certificate was found valid, for the login route and the validation route. */
export const revocationAnswer = z
  .object({
    status: z.enum(['good', 'revoked', 'unknown']),
    method: z.enum(['ocsp', 'crl']).optional().meta({ description: 'What answered' }),
    source: z.string().optional().meta({ description: 'Responder or CRL that answered' }),
    thisUpdate: timestamp(
      'Time at which the status was known to be correct (thisUpdate)',
    ).optional(),
    nextUpdate: timestamp('Time by which newer information is available (nextUpdate)').optional(),
    producedAt: timestamp('OCSP: time at which the response was signed (producedAt)').optional(),
    crlNumber: z.string().optional().meta({ description: 'CRL: CRLNumber, decimal' }),
    ageSeconds: z.int().optional().meta({ description: 'Age of the evidence when it was used' }),
    revokedAt: timestamp('Revoked at').optional(),
    reason: z.string().optional().meta({ description: 'CRLReason by its RFC 5280 name' }),
    why: z
      .string()
      .optional()
      .meta({ description: 'For unknown: why the status could not be determined' }),
    attempts: z
      .array(
        z.object({
          method: z.enum(['ocsp', 'crl']),
          source: z.string(),
          outcome: z.string(),
        }),
      )
      .meta({ description: 'Every source that was tried, in order' }),
  })
  .meta({ id: 'RevocationAnswer' });

const dateless = z.object({
  kind: kind.optional(),
  anchor: z.string().optional().meta({ description: 'Trust anchor by its stable name' }),
  revocation: revocationAnswer.optional(),
});

/**
 * For login responses: the last day of validity is the holder's birthday, so `notAfter` is omitted.
 */
export const loginValidation = dateless.meta({ id: 'LoginValidation' });

export const validation = dateless
  .extend({ notAfter: timestamp('The certificate is valid until').optional() })
  .meta({ id: 'Validation' });
