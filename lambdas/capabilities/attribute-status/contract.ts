import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { method, ppid, timestamp } from '../../platform/http/schemas/field-formats.ts';

export const attributesRead = {
  name: 'attributes:read',
  description: 'Ask whether the attributes of a person changed',
  grantedTo: ['type1', 'type2'],
} as const satisfies Scope;

export const checkAttributes = {
  id: 'check-attributes',
  method: 'POST',
  path: '/v1/attribute-status',
  scope: attributesRead,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Whether the attributes of a person changed',
  description:
    'Whether name, address, birth date or sex changed since the person’s first login at the service, or since the service last confirmed them, from the revocation status of the signature certificate held then: by OCSP, the list of its municipality or the full list. `unknown` is a separate answer, with its reason: children under 15 and most phones have no signature certificate.',
  body: z
    .strictObject({
      ppid,
      confirmed: z.boolean().default(false).meta({
        description: 'The service has just read the attributes: report changes from now on',
      }),
      method: method.default('auto'),
    })
    .meta({ id: 'CheckAttributesRequest' }),
  responses: {
    200: {
      description: 'unchanged, changed, or unknown with the reason',
      schema: z
        .object({
          status: z.enum(['unchanged', 'changed', 'unknown']),
          changedAt: timestamp(
            'The day on which the signature certificate was revoked, at 00:00 UTC; no finer time is told',
          ).optional(),
          reason: z
            .string()
            .optional()
            .meta({ description: 'For unknown: why the answer cannot be determined' }),
          since: timestamp('The status compares with the signature certificate of then').optional(),
          sinceSetBy: z.enum(['login', 'service']).optional().meta({
            description:
              'login: the first login at the service; service: a request with `confirmed`',
          }),
          checkedAt: timestamp('Now'),
          method: z.enum(['ocsp', 'crl']).optional(),
          source: z.string().optional().meta({ description: 'The responder or CRL that answered' }),
          crlNumber: z.string().optional(),
          thisUpdate: timestamp('thisUpdate of that response or CRL').optional(),
          producedAt: timestamp('producedAt of the OCSP response').optional(),
          ageSeconds: z.int().optional(),
        })
        .meta({ id: 'AttributeStatus' }),
    },
  },
  problems: ['ppid-not-found', 'revocation-method-not-permitted'],
} as const satisfies OperationContract;
