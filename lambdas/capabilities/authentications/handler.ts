import { authenticate, RefusedCertificate, type AuthenticationPorts } from './operation.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { authenticate as contract } from './contract.ts';
import { datelessValidationJson, validationNote } from '../../platform/http/validation-json.ts';

export const authenticationsHandler = (
  portsAt: (now: number) => AuthenticationPorts,
  settings: HttpSettings,
) =>
  operationHandler(
    contract,
    async ({ body, caller, now, note }) => {
      try {
        const { ppid, report } = await authenticate(
          {
            challenge: body.challenge,
            certificate: Buffer.from(body.certificate, 'base64'),
            signature: Buffer.from(body.signature, 'base64'),
            ...(body.intermediates && { intermediates: body.intermediates.map(fromBase64) }),
            method: body.method,
            clientId: caller.clientId,
            serviceId: caller.serviceId,
            serviceType: caller.serviceType,
            sectorId: caller.sectorId,
          },
          portsAt(now),
        );
        note(validationNote(report));
        return {
          status: 201,
          body: {
            ppid,
            assurance: 'card-signature',
            authenticatedAt: new Date(now).toISOString(),
            validation: datelessValidationJson(report, now),
          },
        };
      } catch (error) {
        if (error instanceof RefusedCertificate) note(validationNote(error.report));
        throw error;
      }
    },
    settings,
  );

const fromBase64 = (text: string): Uint8Array => Buffer.from(text, 'base64');
