import { rfc3339 } from '../../pki/rfc3339.ts';
import * as flags from '../../people/flags.ts';
import type { ActPorts } from '../../people/operator-acts.ts';
import { certificateLabel, personsOfFlag } from '../../people/person-for-operator.ts';
import * as acts from '../../people/proposed-acts.ts';
import { proposalKey } from '../../people/layout.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { identifierFor } from '../../platform/http/identifier-for.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import * as contract from './contract.ts';

export function personsHandler(portsAt: (now: number) => ActPorts, settings: HttpSettings) {
  const report = operationHandler(
    contract.reportPersons,
    async ({ body, caller, now, note }) => {
      const { flagId, kind } = await flags.reportPersons(
        portsAt(now),
        caller.serviceId,
        body.ppids,
      );
      note({ flag: kind });
      return { status: 201, body: { flagId, kind } };
    },
    settings,
  );

  const list = operationHandler(
    contract.listFlags,
    async ({ query, now }) => {
      const { state = 'open', cursor } = query;
      const limit = Number(query.limit ?? 50);
      const after = cursor === undefined ? undefined : flags.afterFlag(cursor);
      const found = await flags.listFlags(portsAt(now), { after, limit });
      const listed = found.map(({ value }) => flagJson(value));
      return {
        status: 200,
        body: {
          flags: listed.filter((flag) => state === 'all' || flag.state === state),
          ...(found.length === limit && { next: found.at(-1)!.value.flagId }),
        },
      };
    },
    settings,
  );

  const read = operationHandler(
    contract.getFlag,
    async ({ path, caller, now, note }) => {
      const ports = portsAt(now);
      const { value } = await flags.readFlag(ports, path.flagId);
      const persons = await personsOfFlag(ports, value);
      note({ flag: value.kind, operator: caller.clientKey });
      return {
        status: 200,
        body: {
          ...flagJson(value),
          persons: persons.map((person) => ({
            ...person,
            acts: person.acts.map((act) => ({ ...act, at: rfc3339(act.at) })),
          })),
        },
      };
    },
    settings,
  );

  const settle = operationHandler(
    contract.settleFlag,
    async ({ path, body, caller, now, note }) => {
      const because = { operator: caller.clientKey, reason: body.reason };
      const flag = await flags.settleAsIs(portsAt(now), path.flagId, because);
      note({ flag: flag.kind, settledAs: flag.settled?.as, operator: caller.clientKey });
      return { status: 200, body: flagJson(flag) };
    },
    settings,
  );

  const propose = operationHandler(
    contract.proposeAct,
    async ({ body, caller, requestToken, now, note }) => {
      const actId = identifierFor(requestToken, 'act');
      const proposal = { ...body, actId, operator: caller.clientKey };
      const act = await acts.proposeAct(portsAt(now), proposal);
      note({ act: act.act.kind, actId, proposedBy: act.operator });
      return { status: 201, body: actJson(act) };
    },
    settings,
  );

  const listAll = operationHandler(
    contract.listActs,
    async ({ query, now }) => {
      const limit = Number(query.limit ?? 50);
      const after = query.cursor === undefined ? undefined : proposalKey(query.cursor).sk;
      const { proposals, next } = await acts.listProposals(portsAt(now), { after, limit });
      return {
        status: 200,
        body: { acts: proposals.map(actJson), ...(next !== undefined && { next }) },
      };
    },
    settings,
  );

  const approve = operationHandler(
    contract.approveAct,
    async ({ path, caller, now, note }) => {
      const act = await acts.approveAct(portsAt(now), path.actId, caller.clientKey);
      const { actId, operator, done } = act;
      note({
        act: act.act.kind,
        actId,
        proposedBy: operator,
        approvedBy: done?.approvedBy,
        services: done?.services,
      });
      return { status: 200, body: actJson(act) };
    },
    settings,
  );

  return functionHandler(report, list, read, settle, propose, listAll, approve);
}

const flagJson = ({ flagId, kind, seenAt, settled }: flags.Flag) => ({
  flagId,
  kind,
  seenAt: rfc3339(seenAt),
  state: settled === undefined ? ('open' as const) : ('settled' as const),
  ...(settled && { settledAs: settled.as, settledAt: rfc3339(settled.at) }),
});

const actJson = ({ actId, flagId, act, operator, reason, at, until, done }: acts.ProposedAct) => ({
  actId,
  kind: act.kind,
  flagId,
  state: done === undefined ? 'proposed' : 'done',
  operator,
  reason,
  ...(act.kind === 'split' && { certificates: act.held.map(certificateLabel) }),
  proposedAt: rfc3339(at),
  expiresAt: rfc3339(until),
  ...(done && {
    approvedBy: done.approvedBy,
    doneAt: rfc3339(done.at),
    services: done.services,
  }),
});
