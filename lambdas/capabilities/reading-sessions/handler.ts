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
  redeemHandover,
  reportResult,
  type ReadingOutcome,
  type ReadingPorts,
  type SessionView,
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
      const { mode, enrolChip, myKeyId } = body;
      note({ mode, enrolChip, myKeyId: myKeyId !== undefined });
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
        const { outcome, handover } = await reportResult(bearerToken, body, portsAt(now));
        note(outcomeNote(outcome));
        return { status: 200, body: { handover } };
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
      const view = await readSession(path.sessionId, caller, portsAt(now));
      return { status: 200, body: sessionJson(view) };
    },
    settings,
  );

  const redeem = operationHandler(
    contract.redeemHandover,
    async ({ body, caller, now }) => {
      const view = await redeemHandover(body.handover, caller, portsAt(now));
      return { status: 200, body: sessionJson(view) };
    },
    settings,
  );

  return functionHandler(open, claim, report, redeem, get);
}

const sessionJson = ({ session: { sessionId, mode, state }, outcome }: SessionView) => ({
  sessionId,
  mode,
  state: state === 'reported' ? 'reading' : state,
  ...(outcome !== undefined && { result: outcomeJson(outcome) }),
});

const outcomeJson = (outcome: ReadingOutcome) =>
  outcome.outcome === 'read' ? { ...outcome, readAt: rfc3339(outcome.readAt) } : outcome;

/** Logs the outcome, never the person. */
const outcomeNote = (outcome: ReadingOutcome) =>
  outcome.outcome === 'read'
    ? {
        reading: 'read',
        assurance: outcome.assurance,
        chipEnrolled: outcome.chipEnrolled,
        attributes: outcome.attributes !== undefined,
      }
    : { reading: outcome.outcome, readerCode: outcome.code };
