import { kindFor, requireMethodForAnybody } from '../services/service-rights.ts';
import type {
  ValidateUnderProfile,
  DeployedSources,
} from '../../pki/validation/validate-under-profile.ts';
import { refusalCure } from '../../pki/diagnosis/refusal-cure.ts';
import { validationReportJson } from '../../pki/validation/validation-report.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { validateCertificate as contract } from './contract.ts';
import { readIntermediates } from '../../platform/http/read-intermediates.ts';
import { validationJson, validationNote } from '../../platform/http/validation-json.ts';

export const certificatesHandler = (
  validate: ValidateUnderProfile,
  dependencies: () => DeployedSources,
  settings: HttpSettings,
) =>
  functionHandler(
    operationHandler(
      contract,
      async ({ body, caller, now, note }) => {
        requireMethodForAnybody(caller.serviceType, body.method);
        const report = await validate(
          {
            certificate: Buffer.from(body.certificate, 'base64'),
            ...(body.intermediates && { intermediates: readIntermediates(body.intermediates) }),
            kind: kindFor(caller.serviceType, body.kind),
            method: body.method,
            now,
          },
          dependencies(),
        );
        note(validationNote(report));
        return {
          status: 200,
          body: {
            verdict: report.verdict,
            ...(report.code && { code: report.code, detail: refusalCure(report) }),
            checkedAt: new Date(now).toISOString(),
            validation: validationJson(report, now),
            ...(body.report && { report: validationReportJson(report, now) }),
          },
        };
      },
      settings,
    ),
  );
