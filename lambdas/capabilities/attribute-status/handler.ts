import { dayOf } from '../../people/person-event.ts';
import { rfc3339 } from '../../pki/rfc3339.ts';
import { attributeStatus, type AttributePorts } from './operation.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { requireMethod } from '../services/service-rights.ts';
import { checkAttributes } from './contract.ts';

export const attributesHandler = (
  portsAt: (now: number) => AttributePorts,
  settings: HttpSettings,
) =>
  operationHandler(
    checkAttributes,
    async ({ body, caller, now, note }) => {
      requireMethod(caller.serviceType, body.method);
      const found = await attributeStatus({ serviceId: caller.serviceId, ...body }, portsAt(now));
      const reason = found.status === 'unknown' ? found.reason : undefined;
      const { evidence, comparedWith } = found;
      note({ attributes: found.status, reason, method: evidence?.method });
      return {
        status: 200,
        body: {
          status: found.status,
          // Its second is the same at every service: two of them could join their PPIDs by it.
          ...(found.status === 'changed' && { changedAt: rfc3339(dayOf(found.changedAt)) }),
          ...(reason !== undefined && { reason }),
          ...(comparedWith && {
            since: rfc3339(comparedWith.confirmedAt),
            sinceSetBy: comparedWith.setBy,
          }),
          checkedAt: rfc3339(now),
          ...(evidence && {
            method: evidence.method,
            source: evidence.source,
            ...(evidence.crlNumber !== undefined && { crlNumber: evidence.crlNumber }),
            thisUpdate: rfc3339(evidence.thisUpdate),
            ...(evidence.producedAt !== undefined && { producedAt: rfc3339(evidence.producedAt) }),
            ageSeconds: Math.max(0, Math.round((now - evidence.thisUpdate) / 1000)),
          }),
        },
      };
    },
    settings,
  );
