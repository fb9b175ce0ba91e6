import { rfc3339 } from '../../pki/rfc3339.ts';
import { attributeStatus, type AttributePorts } from './operation.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { checkAttributes } from './contract.ts';

export const attributesHandler = (
  portsAt: (now: number) => AttributePorts,
  settings: HttpSettings,
) =>
  operationHandler(
    checkAttributes,
    async ({ body, caller, now, note }) => {
      const found = await attributeStatus({ serviceId: caller.serviceId, ...body }, portsAt(now));
      const reason = found.status === 'unknown' ? found.reason : undefined;
      note({ attributes: found.status, reason, crlNumber: found.list?.crlNumber });
      return {
        status: 200,
        body: {
          status: found.status,
          ...(found.status === 'changed' && { changedAt: rfc3339(found.changedAt) }),
          ...(reason !== undefined && { reason }),
          checkedAt: rfc3339(now),
          ...(found.list && {
            source: found.list.sourceId,
            crlNumber: found.list.crlNumber,
            thisUpdate: rfc3339(found.list.thisUpdate),
            ageSeconds: Math.max(0, Math.round((now - found.list.thisUpdate) / 1000)),
          }),
        },
      };
    },
    settings,
  );
