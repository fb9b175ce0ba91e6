import { rfc3339 } from '../../pki/rfc3339.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import type { OperationCall } from '../../platform/http/operation-call.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { readIntermediates } from '../../platform/http/read-intermediates.ts';
import { validationNote } from '../../platform/http/validation-json.ts';
import { RefusedCertificate } from '../authentications/operation.ts';
import * as contract from './contract.ts';
import { approveOutcome, listCorrections, proposeOutcome } from '../../people/corrections.ts';
import { disclosedCorrection } from '../../people/disclosure.ts';
import {
  correctionJson,
  disclosureJson,
  openCorrectionJson,
  useJson,
  type DisclosureJson,
} from './disclosure-json.ts';
import { disclosurePage } from './disclosure-page.ts';
import { listBehalf, type BehalfRequest } from '../../people/behalf.ts';
import {
  approveRequest,
  askForCorrection,
  disclose,
  perform,
  personAtCard,
  requestMyKeyId,
  requireDisclosure,
  takeRequest,
  type PersonAtCard,
  type RightsOperationPorts,
} from './operation.ts';
import { createRightsChallenge } from './rights-challenge.ts';

interface CardBody {
  readonly challenge: string;
  readonly certificate: string;
  readonly signature: string;
  readonly intermediates?: readonly string[] | undefined;
}

type CardCall = Pick<OperationCall<CardBody>, 'body' | 'requestToken' | 'note'>;

export function rightsHandler(
  portsAt: (now: number) => RightsOperationPorts,
  settings: HttpSettings,
) {
  const challenge = operationHandler(
    contract.createRightsChallenge,
    async ({ body, baseUrl, now, note }) => {
      const key = await portsAt(now).challengeKey();
      const { text, expiresAt } = createRightsChallenge(body.act, baseUrl, key, now);
      note({ act: body.act });
      return { status: 201, body: { challenge: text, expiresAt: rfc3339(expiresAt) } };
    },
    settings,
  );

  const disclosed = async (call: CardCall, now: number): Promise<DisclosureJson> => {
    const ports = portsAt(now);
    const { act, person } = await authenticated(call, ports);
    requireDisclosure(act);
    return disclosureJson(await disclose(person.value, ports), now);
  };

  const asJson = operationHandler(
    contract.discloseRecord,
    async (call) => ({ status: 200, body: await disclosed(call, call.now) }),
    settings,
  );

  const asPage = operationHandler(
    contract.discloseRecordPage,
    async (call) => ({
      status: 200,
      body: disclosurePage(await disclosed(call, call.now), call.body.language),
      headers: { 'Content-Type': 'text/html; charset=utf-8' },
    }),
    settings,
  );

  const request = operationHandler(
    contract.requestRight,
    async (call) => {
      const ports = portsAt(call.now);
      const { act, person } = await authenticated(call, ports);
      const use = await perform(act, person.value.subjectId, 'person', ports.people);
      return { status: 200, body: useJson(use) };
    },
    settings,
  );

  const correct = operationHandler(
    contract.requestCorrection,
    async (call) => {
      const ports = portsAt(call.now);
      const found = await authenticated(call, ports);
      const { about, serviceId, statement } = call.body;
      const wish = { about, ...given({ serviceId, statement }) };
      const asked = await askForCorrection(found, wish, ports.people);
      return { status: 201, body: correctionJson(disclosedCorrection(asked)) };
    },
    settings,
  );

  const myKeyId = operationHandler(
    contract.requestMyKeyId,
    async (call) => {
      const ports = portsAt(call.now);
      const found = await authenticated(call, ports);
      const issued = await requestMyKeyId(found, call.body.choice, ports.people);
      const { issuedAt, revokedAt } = issued;
      return {
        status: 200,
        body: {
          myKeyId: issued.myKeyId,
          issuedAt: rfc3339(issuedAt),
          ...(revokedAt !== undefined && { revokedAt: rfc3339(revokedAt) }),
        },
      };
    },
    settings,
  );

  const take = operationHandler(
    contract.takeRequest,
    async ({ body, caller, now, note }) => {
      const requestedBy = caller.clientKey;
      const { correction, ...request } = body;
      const { about, serviceId, statement } = correction ?? {};
      const wish = about && { about, ...given({ serviceId, statement }) };
      const taken = await takeRequest(
        { ...request, ...(wish && { correction: wish }), requestedBy },
        portsAt(now).people,
      );
      note({ act: taken.act, basis: taken.basis, operator: requestedBy });
      return { status: 201, body: requestJson(taken) };
    },
    settings,
  );

  const list = operationHandler(
    contract.listRequests,
    async ({ now }) => {
      const requests = await listBehalf(portsAt(now).people);
      return { status: 200, body: { requests: requests.map(({ value }) => requestJson(value)) } };
    },
    settings,
  );

  const approve = operationHandler(
    contract.approveRequest,
    async ({ body, caller, now, note }) => {
      const approved = await approveRequest(body.requestId, caller.clientKey, portsAt(now));
      const { act, use, disclosure, correction } = approved;
      note({ act, operator: caller.clientKey });
      return {
        status: 200,
        body: {
          act,
          ...(use && { use: useJson(use) }),
          ...(disclosure && { disclosure: disclosureJson(disclosure, now) }),
          ...(correction && { correction: correctionJson(disclosedCorrection(correction)) }),
        },
      };
    },
    settings,
  );

  const corrections = operationHandler(
    contract.listCorrections,
    async ({ body, now }) => {
      const { cursor: after, limit } = body;
      const page = await listCorrections(portsAt(now).people, { after, limit });
      return {
        status: 200,
        body: {
          corrections: page.corrections.map(openCorrectionJson),
          ...(page.next !== undefined && { next: page.next }),
        },
      };
    },
    settings,
  );

  const propose = operationHandler(
    contract.proposeOutcome,
    async ({ body, caller, now, note }) => {
      const { requestId, outcome, reason } = body;
      const proposal = { outcome, reason, operator: caller.clientKey };
      const proposed = await proposeOutcome(portsAt(now).people, requestId, proposal);
      note({ correction: proposed.about, outcome, operator: caller.clientKey });
      return { status: 200, body: openCorrectionJson(proposed) };
    },
    settings,
  );

  const decide = operationHandler(
    contract.approveOutcome,
    async ({ body, caller, now, note }) => {
      const { people } = portsAt(now);
      const decided = await approveOutcome(people, body.requestId, caller.clientKey);
      const { about, proposal } = decided;
      note({ correction: about, outcome: proposal?.outcome, operator: caller.clientKey });
      return { status: 200, body: correctionJson(disclosedCorrection(decided)) };
    },
    settings,
  );

  return functionHandler(
    challenge,
    asJson,
    asPage,
    request,
    correct,
    myKeyId,
    take,
    list,
    approve,
    corrections,
    propose,
    decide,
  );
}

/** Without the members that are absent. */
const given = ({
  serviceId,
  statement,
}: {
  readonly serviceId: string | undefined;
  readonly statement: string | undefined;
}) => ({
  ...(serviceId !== undefined && { serviceId }),
  ...(statement !== undefined && { statement }),
});

const requestJson = (request: BehalfRequest) => ({
  requestId: request.requestId,
  act: request.act,
  basis: request.basis,
  fileReference: request.fileReference,
  requestedAt: rfc3339(request.requestedAt),
  ...(request.approval && { approvedAt: rfc3339(request.approval.at) }),
});

/** Logs what was decided about the card and what was asked for, never about whom. */
async function authenticated(
  { body, requestToken, note }: CardCall,
  ports: RightsOperationPorts,
): Promise<PersonAtCard> {
  try {
    const found = await personAtCard(
      {
        challenge: body.challenge,
        certificate: Buffer.from(body.certificate, 'base64'),
        signature: Buffer.from(body.signature, 'base64'),
        ...(body.intermediates && { intermediates: readIntermediates(body.intermediates) }),
        requestToken,
      },
      ports,
    );
    note({ ...validationNote(found.report), act: found.act });
    return found;
  } catch (error) {
    if (error instanceof RefusedCertificate) note(validationNote(error.report));
    throw error;
  }
}
