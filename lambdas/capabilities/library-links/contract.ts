import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import {
  myKeyIdAsWritten,
  timestamp,
  userNumber,
} from '../../platform/http/schemas/field-formats.ts';

export const libraryLinksWrite = {
  name: 'library-links:write',
  description: 'Link persons to library user numbers by My Key ID, and look links up',
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
      replace: z.boolean().default(false).meta({
        description:
          'Removes conflicting links: the person’s other number, the number’s other person',
      }),
    })
    .meta({ id: 'PutLibraryLinkRequest' }),
  responses: {
    200: {
      description: 'The current link',
      schema: z
        .object({ outcome: z.enum(['linked', 'replaced', 'unchanged']), link: libraryLink })
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
