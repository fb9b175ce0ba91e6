import * as people from '../../people/consents.ts';
import type { Consent } from '../../people/records.ts';
import { rfc3339 } from '../../pki/rfc3339.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import * as contract from './contract.ts';

export function consentsHandler(
  portsAt: (now: number) => people.ConsentPorts,
  settings: HttpSettings,
) {
  const put = operationHandler(
    contract.recordConsent,
    async ({ body, caller, now, note }) => {
      const consents = await people.recordConsent(portsAt(now), caller.serviceId, body);
      note({ consent: 'recorded', kind: body.kind });
      return { status: 200, body: consentsJson(consents) };
    },
    settings,
  );

  const read = operationHandler(
    contract.readConsents,
    async ({ body, caller, now }) => ({
      status: 200,
      body: consentsJson(await people.readConsents(portsAt(now), caller.serviceId, body.ppid)),
    }),
    settings,
  );

  const withdraw = operationHandler(
    contract.withdrawConsent,
    async ({ body, caller, now, note }) => {
      const consents = await people.withdrawConsent(portsAt(now), caller.serviceId, body);
      note({ consent: 'withdrawn' });
      return { status: 200, body: consentsJson(consents) };
    },
    settings,
  );

  return functionHandler(put, read, withdraw);
}

const consentsJson = (consents: readonly Consent[]) => ({
  consents: consents.map(({ kind, document, version, recordedAt, withdrawnAt }) => ({
    kind,
    document,
    version,
    recordedAt: rfc3339(recordedAt),
    ...(withdrawnAt !== undefined && { withdrawnAt: rfc3339(withdrawnAt) }),
  })),
});
