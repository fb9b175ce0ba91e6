import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { ppid, timestamp, userNumber } from '../../platform/http/schemas/field-formats.ts';
import { linkLimits } from './limits.ts';
import { dryRun, exportCursor, linkOutcomes, replace, rowResults } from './row-schemas.ts';

export const linksWrite = {
  name: 'links:write',
  description: 'Link persons to user numbers, and remove links',
  grantedTo: ['type1', 'type2'],
} as const satisfies Scope;

export const linksRead = {
  name: 'links:read',
  description: 'Read links and export them',
  grantedTo: ['type1', 'type2'],
} as const satisfies Scope;

export const link = z
  .object({ ppid, userNumber, linkedAt: timestamp('Linked at') })
  .meta({ id: 'Link' });

export const putLink = {
  id: 'put-link',
  method: 'POST',
  path: '/v1/links',
  scope: linksWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Link a person to a user number',
  description: 'Unique both ways within the service. Idempotent, so the call may be repeated.',
  body: z.strictObject({ ppid, userNumber, replace }).meta({ id: 'PutLinkRequest' }),
  responses: {
    200: {
      description: 'The current link',
      schema: z.object({ outcome: z.enum(linkOutcomes), link }).meta({ id: 'PutLinkResponse' }),
    },
  },
  problems: ['ppid-not-found', 'user-number-taken', 'person-already-linked'],
} as const satisfies OperationContract;

const side = z
  .union([z.strictObject({ ppid }), z.strictObject({ userNumber })])
  .meta({ id: 'LinkSide', description: 'One of the two sides' });

export const lookUpLink = {
  id: 'look-up-link',
  method: 'POST',
  path: '/v1/links/lookup',
  scope: linksRead,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Find a link by PPID or user number',
  body: side,
  responses: { 200: { description: 'The link', schema: link } },
  problems: ['ppid-not-found', 'link-not-found'],
} as const satisfies OperationContract;

export const removeLink = {
  id: 'remove-link',
  method: 'POST',
  path: '/v1/links/remove',
  scope: linksWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Remove a link by PPID or user number',
  body: side,
  responses: { 200: { description: 'The link that was removed', schema: link } },
  problems: ['ppid-not-found', 'link-not-found'],
} as const satisfies OperationContract;

export const importLinks = {
  id: 'import-links',
  method: 'POST',
  path: '/v1/links/import',
  scope: linksWrite,
  maxBodyBytes: bodyLimits.certificates,
  summary: 'Link many persons',
  description:
    'One result per row; a refused row does not affect the others. The call may be repeated: rows already linked are `unchanged`.',
  body: z
    .strictObject({
      dryRun,
      replace,
      rows: z.array(z.strictObject({ ppid, userNumber })).min(1).max(linkLimits.importRows),
    })
    .meta({ id: 'ImportLinksRequest' }),
  responses: {
    200: {
      description: 'Every row',
      schema: rowResults(linkOutcomes).meta({ id: 'ImportLinksResponse' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

export const awaitLinks = {
  id: 'await-links',
  method: 'POST',
  path: '/v1/links/await',
  scope: linksWrite,
  maxBodyBytes: bodyLimits.certificates,
  summary: 'Register user numbers whose persons will log in',
  description:
    'For linking an existing register: the next login that names one of these numbers (`userNumber` of `POST /v1/authentications`) completes the link.',
  body: z
    .strictObject({
      dryRun,
      userNumbers: z.array(userNumber).min(1).max(linkLimits.importRows),
    })
    .meta({ id: 'AwaitLinksRequest' }),
  responses: {
    200: {
      description: 'Every row',
      schema: rowResults(['waiting', 'unchanged']).meta({ id: 'AwaitLinksResponse' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

export const exportLinks = {
  id: 'export-links',
  method: 'POST',
  path: '/v1/links/export',
  scope: linksRead,
  maxBodyBytes: bodyLimits.fields,
  summary: 'All links of the service, page by page',
  body: z
    .strictObject({
      cursor: exportCursor,
    })
    .meta({ id: 'ExportLinksRequest' }),
  responses: {
    200: {
      description: 'A page; it may be empty, and the last has no `next`',
      schema: z
        .object({
          links: z.array(link),
          waiting: z
            .array(z.string())
            .meta({ description: 'User numbers that wait for their person’s login' }),
          next: z.string().optional(),
        })
        .meta({ id: 'ExportLinksResponse' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;
