import { requireMethod } from '../core/services/service-rights.ts';
import type { ValidateCertificate, ValidationWorld } from '../core/validate-certificate.ts';
import { validationReportJson } from '../core/validation-report.ts';
import { functionHandler } from '../http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../http/operation-handler.ts';
import { validateCertificate as contract } from '../http/schemas/certificates.ts';
import { validationJson, validationNote } from '../http/validation-json.ts';

export const certificatesHandler = (
  validate: ValidateCertificate,
  world: () => ValidationWorld,
  settings: HttpSettings,
) =>
  functionHandler({
    'validate-certificate': operationHandler(
      'validate-certificate',
      contract,
      async ({ body, caller, now, note }) => {
        requireMethod(caller.serviceType, body.method);
        const report = await validate(
          {
            certificate: Buffer.from(body.certificate, 'base64'),
            ...(body.intermediates && { intermediates: body.intermediates.map(fromBase64) }),
            kind: body.kind ?? 'any',
            method: body.method,
            now,
          },
          world(),
        );
        note(validationNote(report));
        return {
          status: 200,
          body: {
            verdict: report.verdict,
            ...(report.code && { code: report.code }),
            checkedAt: new Date(now).toISOString(),
            validation: validationJson(report, now),
            ...(body.report && { report: validationReportJson(report, now) }),
          },
        };
      },
      settings,
    ),
  });

const fromBase64 = (text: string): Uint8Array => Buffer.from(text, 'base64');
