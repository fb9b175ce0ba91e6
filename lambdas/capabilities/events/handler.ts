import { readFeed, type ReadFeedPorts } from '../../people/feed.ts';
import type { PersonEvent } from '../../people/person-event.ts';
import { rfc3339 } from '../../pki/rfc3339.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { readEvents } from './contract.ts';
import { cursorOf, openCursor } from './cursor.ts';

export const eventsHandler = (portsAt: (now: number) => ReadFeedPorts, settings: HttpSettings) =>
  functionHandler(
    operationHandler(
      readEvents,
      async ({ query, caller: { serviceId }, now, note }) => {
        const ports = portsAt(now);
        const { keys } = ports;
        const given = query.after;
        const after = given === undefined ? undefined : await openCursor(keys, serviceId, given);
        const page = await readFeed(ports, serviceId, {
          after,
          limit: Number(query.limit ?? 100),
        });
        note({ events: page.events.length });
        const next =
          given !== undefined && page.last === after
            ? given
            : await cursorOf(keys, serviceId, page.last);
        return {
          status: 200,
          body: { events: page.events.map(eventJson), next, more: page.more },
        };
      },
      settings,
    ),
  );

/** As a service reads it, here and in a webhook. */
export const eventJson = ({ id, type, at, ppid, formerPpid, reason, source }: PersonEvent) => ({
  id,
  type,
  timestamp: rfc3339(at),
  data: {
    ppid,
    ...(formerPpid !== undefined && { formerPpid }),
    ...(reason !== undefined && { reason }),
    ...(source !== undefined && { source }),
  },
});
