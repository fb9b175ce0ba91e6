import * as z from 'zod';
import { kind, timestamp } from './field-formats.ts';

/** How a certificate was found valid, for both the login and the validation route. */
export const revocationAnswer = z
  .object({
    status: z.enum(['good', 'revoked', 'unknown']),
    method: z.enum(['ocsp', 'crl']).optional().meta({ description: 'What answered' }),
    source: z.string().optional().meta({ description: 'Responder or list that answered' }),
    thisUpdate: timestamp('The source knew this to be right at').optional(),
    nextUpdate: timestamp('Newer information is due by').optional(),
    producedAt: timestamp('OCSP: the response was signed at').optional(),
    crlNumber: z.string().optional().meta({ description: 'CRL: CRLNumber, decimal' }),
    ageSeconds: z.int().optional().meta({ description: 'Age of the evidence when it was used' }),
    revokedAt: timestamp('Revoked at').optional(),
    reason: z.string().optional().meta({ description: 'CRLReason by its RFC 5280 name' }),
    why: z.string().optional().meta({ description: 'Unknown: why nobody could say' }),
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

/** In a login's answer: a certificate's last day is a birthday. */
export const loginValidation = dateless.meta({ id: 'LoginValidation' });

export const validation = dateless
  .extend({ notAfter: timestamp('The certificate is valid until').optional() })
  .meta({ id: 'Validation' });
