import * as z from 'zod';
import { bodyLimits, fieldLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import {
  myKeyIdAsWritten,
  timestamp,
  userNumber,
} from '../../platform/http/schemas/field-formats.ts';
import { linkLimits } from '../links/limits.ts';
import { dryRun, exportCursor, linkOutcomes, replace, rowResults } from '../links/row-schemas.ts';

export const libraryLinksWrite = {
  name: 'library-links:write',
  description: 'Link persons to library user numbers by My Key ID, look links up and export them',
  grantedTo: ['library'],
} as const satisfies Scope;

const libraryLink = z
  .object({ myKeyId: z.string(), userNumber: z.string(), linkedAt: timestamp('Linked at') })
  .meta({ id: 'LibraryLink' });

const librarySide = z
  .union([z.strictObject({ myKeyId: myKeyIdAsWritten }), z.strictObject({ userNumber })])
  .meta({ id: 'LibraryLinkSide', description: 'One of the two sides' });

export const putLibraryLink = {
  id: 'put-library-link',
  method: 'POST',
  path: '/v1/library-links',
  scope: libraryLinksWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Link a person to a library user number',
  description:
    'For a person whose card was read at this library. Unique both ways within the library. Idempotent.',
  body: z
    .strictObject({
      myKeyId: myKeyIdAsWritten,
      userNumber,
      replace,
    })
    .meta({ id: 'PutLibraryLinkRequest' }),
  responses: {
    200: {
      description: 'The current link',
      schema: z
        .object({ outcome: z.enum(linkOutcomes), link: libraryLink })
        .meta({ id: 'PutLibraryLinkResponse' }),
    },
  },
  problems: ['my-key-id-not-found', 'user-number-taken', 'person-already-linked'],
} as const satisfies OperationContract;

export const lookUpLibraryLink = {
  id: 'look-up-library-link',
  method: 'POST',
  path: '/v1/library-links/lookup',
  scope: libraryLinksWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Find a link by My Key ID or library user number',
  description: 'Nobody is found whose My Key ID is no longer in force.',
  body: librarySide,
  responses: { 200: { description: 'The link', schema: libraryLink } },
  problems: ['my-key-id-not-found', 'link-not-found'],
} as const satisfies OperationContract;

export const removeLibraryLink = {
  id: 'remove-library-link',
  method: 'POST',
  path: '/v1/library-links/remove',
  scope: libraryLinksWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Remove a link by My Key ID or library user number',
  body: librarySide,
  responses: {
    200: {
      description: 'Removed',
      schema: z.object({ userNumber: z.string() }).meta({ id: 'RemovedLibraryLink' }),
    },
  },
  problems: ['my-key-id-not-found', 'link-not-found'],
} as const satisfies OperationContract;

/** Not yet read, so that one mistyped My Key ID refuses its row, not the whole register. */
const myKeyIdToRead = z
  .string()
  .min(1)
  .max(fieldLimits.writtenMyKeyIdCharacters)
  .meta({ description: 'As issued; small letters, blanks and hyphens are accepted' });

export const importLibraryLinks = {
  id: 'import-library-links',
  method: 'POST',
  path: '/v1/library-links/import',
  scope: libraryLinksWrite,
  maxBodyBytes: bodyLimits.certificates,
  summary: 'Link many persons to library user numbers',
  description:
    'For persons whose card was read at this library. One result per row; a refused row does not affect the others. A row is refused with `request-invalid` if a character of its My Key ID is wrong, missing or exchanged; otherwise with the codes of `POST /v1/library-links`. The call may be repeated: rows already linked are `unchanged`.',
  body: z
    .strictObject({
      dryRun,
      replace,
      rows: z
        .array(z.strictObject({ myKeyId: myKeyIdToRead, userNumber }))
        .min(1)
        .max(linkLimits.importRows),
    })
    .meta({ id: 'ImportLibraryLinksRequest' }),
  responses: {
    200: {
      description: 'Every row',
      schema: rowResults(linkOutcomes).meta({ id: 'ImportLibraryLinksResponse' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

export const exportLibraryLinks = {
  id: 'export-library-links',
  method: 'POST',
  path: '/v1/library-links/export',
  scope: libraryLinksWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'All links of the library, page by page',
  body: z.strictObject({ cursor: exportCursor }).meta({ id: 'ExportLibraryLinksRequest' }),
  responses: {
    200: {
      description: 'A page; it may be empty, and the last has no `next`',
      schema: z
        .object({
          links: z.array(libraryLink),
          waiting: z.array(z.string()).meta({
            description:
              'User numbers whose person has no My Key ID in force; their links wait for the next one',
          }),
          next: z.string().optional(),
        })
        .meta({ id: 'ExportLibraryLinksResponse' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;
