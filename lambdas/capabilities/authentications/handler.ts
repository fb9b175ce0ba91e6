import { authenticate, RefusedCertificate, type AuthenticationPorts } from './operation.ts';
import type * as z from 'zod';
import type { OperationCall } from '../../platform/http/operation-call.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { authenticate as contract } from './contract.ts';
import { readIntermediates } from '../../platform/http/read-intermediates.ts';
import { datelessValidationJson, validationNote } from '../../platform/http/validation-json.ts';
import { loginLimits } from './limits.ts';

export const authenticationsHandler = (
  portsAt: (now: number) => AuthenticationPorts,
  settings: HttpSettings,
) =>
  operationHandler(
    contract,
    async ({ body, caller, requestToken, now, note }) => {
      try {
        const { ppid, report, link } = await authenticate(
          {
            challenge: body.challenge,
            certificate: Buffer.from(body.certificate, 'base64'),
            signature: Buffer.from(body.signature, 'base64'),
            ...(body.intermediates && { intermediates: readIntermediates(body.intermediates) }),
            method: body.method,
            ...(body.userNumber !== undefined && { userNumber: body.userNumber }),
            requestToken,
            clientId: caller.clientId,
            serviceId: caller.serviceId,
            serviceType: caller.serviceType,
            sectorId: caller.sectorId,
          },
          portsAt(now),
        );
        note({ ...validationNote(report), link: link?.outcome });
        return {
          status: 201,
          body: {
            ppid,
            assurance: 'card-signature',
            authenticatedAt: new Date(now).toISOString(),
            ...(link && { link }),
            validation: datelessValidationJson(report, now),
          },
        };
      } catch (error) {
        if (error instanceof RefusedCertificate) note(validationNote(error.report));
        throw error;
      }
    },
    {
      ...settings,
      ...loginLimits,
      beforeRepeat: ({ body, now, note }) =>
        refuseRevoked(body as z.output<typeof contract.body>, portsAt(now), note),
    },
  );

/** A stored answer is not replayed once the certificate is known to be revoked or has expired. */
async function refuseRevoked(
  body: z.output<typeof contract.body>,
  { validate, validation, identity }: AuthenticationPorts,
  note: OperationCall['note'],
): Promise<void> {
  const report = await validate(
    {
      certificate: Buffer.from(body.certificate, 'base64'),
      ...(body.intermediates && { intermediates: readIntermediates(body.intermediates) }),
      kind: 'user-authentication',
      method: body.method,
      now: identity.now,
    },
    validation,
  );
  note(validationNote(report));
  if (report.verdict === 'invalid') throw new RefusedCertificate(report);
}
