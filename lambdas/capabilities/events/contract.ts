import * as z from 'zod';
import { personEventTypes } from '../../people/person-event.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { ppid, timestamp } from '../../platform/http/schemas/field-formats.ts';
import { eventLimits } from './limits.ts';

export const eventsRead = {
  name: 'events:read',
  description: 'Read what changed about the persons of the service',
  grantedTo: ['type1', 'type2'],
} as const satisfies Scope;

export const personEvent = z
  .object({
    id: z.string().meta({
      description: 'The same whenever this event is repeated: process each id once',
    }),
    type: z.enum(personEventTypes).meta({
      description: 'Ignore types that you do not know: new ones may be added',
    }),
    timestamp: timestamp('The day, at 00:00 UTC; no finer time is told (docs/events.md)'),
    data: z.object({
      ppid: ppid.meta({ description: 'The person’s identifier at this service' }),
      formerPpid: ppid
        .optional()
        .meta({ description: 'Of `person.ppid-replaced`: the other PPID of the same person' }),
      reason: z.string().optional().meta({ description: 'Of a revocation: the CRL reason' }),
      source: z.enum(['crl', 'ocsp', 'login', 'person', 'operator']).optional(),
    }),
  })
  .meta({ id: 'PersonEvent' });

export const readEvents = {
  id: 'read-events',
  method: 'GET',
  path: '/v1/events',
  scope: eventsRead,
  maxBodyBytes: 0,
  summary: 'What changed about the persons of the service',
  description:
    'One ordered feed per service; no event is lost, each is delivered at least once, and can be read for 30 days. Keep `next` after the events are processed, and send it as `after`. An event appears after the full hour in which the platform learnt of it.',
  query: z.object({
    after: z
      .string()
      .max(eventLimits.cursorCharacters)
      .optional()
      .meta({ description: '`next` of the previous page; absent: from the oldest kept event' }),
    limit: z
      .string()
      .regex(/^([1-9]\d?|[1-4]\d{2}|500)$/, { error: `from 1 to ${eventLimits.eventsPerPage}` })
      .optional()
      .meta({ description: 'At most this many events, up to 500; 100 by default' }),
  }),
  responses: {
    200: {
      description: 'The next events; none, with the same cursor, if nothing happened',
      schema: z
        .object({
          events: z.array(personEvent),
          next: z.string().meta({ description: 'The cursor after these events' }),
          more: z.boolean().meta({ description: 'Ask again at once; otherwise in some minutes' }),
        })
        .meta({ id: 'Events' }),
    },
  },
  problems: ['cursor-too-old'],
} as const satisfies OperationContract;
