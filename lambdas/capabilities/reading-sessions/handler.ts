import { rfc3339 } from '../../pki/rfc3339.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { validationNote } from '../../platform/http/validation-json.ts';
import { RefusedCertificate } from '../authentications/operation.ts';
import * as contract from './contract.ts';
import {
  claimTicket,
  openSession,
  readSession,
  reportResult,
  type ReadingOutcome,
  type ReadingPorts,
} from './operation.ts';

export function readingSessionsHandler(
  portsAt: (now: number) => ReadingPorts,
  settings: HttpSettings,
) {
  const open = operationHandler(
    contract.openReadingSession,
    async ({ body, caller, now, note }) => {
      const { clientId, serviceId, serviceType, sectorId } = caller;
      const opener = { clientId, serviceId, serviceType, sectorId };
      const { expiresAt, ...opened } = await openSession(body, opener, portsAt(now));
      note({ mode: body.mode, enrolChip: body.enrolChip });
      return { status: 201, body: { ...opened, expiresAt: rfc3339(expiresAt) } };
    },
    settings,
  );

  const claim = operationHandler(
    contract.claimTicket,
    async ({ body, baseUrl, now, note }) => {
      const instructions = await claimTicket(body, baseUrl, portsAt(now));
      note({ mode: instructions.mode });
      return { status: 200, body: instructions };
    },
    settings,
  );

  const report = operationHandler(
    contract.reportReading,
    async ({ body, bearerToken, now, note }) => {
      try {
        note(outcomeNote(await reportResult(bearerToken, body, portsAt(now))));
        return { status: 200, body: {} };
      } catch (error) {
        if (error instanceof RefusedCertificate) note(validationNote(error.report));
        throw error;
      }
    },
    settings,
  );

  const get = operationHandler(
    contract.getReadingSession,
    async ({ path, caller, now }) => {
      const { session, outcome } = await readSession(path.sessionId, caller, portsAt(now));
      const { sessionId, mode, state } = session;
      return {
        status: 200,
        body: {
          sessionId,
          mode,
          state: state === 'reported' ? 'reading' : state,
          ...(outcome !== undefined && { result: outcomeJson(outcome) }),
        },
      };
    },
    settings,
  );

  return functionHandler(open, claim, report, get);
}

const outcomeJson = (outcome: ReadingOutcome) =>
  outcome.outcome === 'read' ? { ...outcome, readAt: rfc3339(outcome.readAt) } : outcome;

/** Logs the outcome, never the person. */
const outcomeNote = (outcome: ReadingOutcome) =>
  outcome.outcome === 'read'
    ? { reading: 'read', assurance: outcome.assurance, chipEnrolled: outcome.chipEnrolled }
    : { reading: outcome.outcome, readerCode: outcome.code };
