import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import {
  certificate,
  intermediates,
  kind,
  method,
  timestamp,
} from '../../platform/http/schemas/field-formats.ts';
import { validation } from '../../platform/http/schemas/validation.ts';

export const certificatesValidate = {
  name: 'certificates:validate',
  description: 'Validate certificates',
  grantedTo: ['library', 'type1', 'type2', 'operator'],
} as const satisfies Scope;

export const validateRequest = z
  .strictObject({
    certificate,
    intermediates: intermediates.optional(),
    kind: kind.optional().meta({ description: 'Refuse the other kind; absent: accept both' }),
    method: method.default('auto'),
    report: z.boolean().default(false).meta({ description: 'Add the full report' }),
  })
  .meta({ id: 'ValidateCertificateRequest' });

export const verdict = z
  .object({
    verdict: z.enum(['valid', 'invalid', 'indeterminate']).meta({
      description: 'indeterminate: the status could not be determined; treat as not valid',
    }),
    code: z.string().optional().meta({ description: 'Why not valid; same codes as problems' }),
    detail: z.string().optional().meta({ description: 'The cure and the reason, as text' }),
    checkedAt: timestamp('The time at which validity was judged'),
    validation,
    report: z.record(z.string(), z.unknown()).optional().meta({
      description:
        'Every check with its clause and outcome, and every revocation source with its age',
    }),
  })
  .meta({ id: 'Verdict' });

export const validateCertificate = {
  id: 'validate-certificate',
  method: 'POST',
  path: '/v1/certificates/validate',
  scope: certificatesValidate,
  maxBodyBytes: bodyLimits.certificates,
  summary: 'Validate a certificate',
  description:
    'Every well-formed request is answered with 200 and a verdict that names method, source and freshness.',
  body: validateRequest,
  responses: { 200: { description: 'The verdict', schema: verdict } },
  problems: ['revocation-method-not-permitted'],
} as const satisfies OperationContract;
