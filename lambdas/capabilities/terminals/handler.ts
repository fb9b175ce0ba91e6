import { rfc3339 } from '../../pki/rfc3339.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import * as contract from './contract.ts';
import { createTerminal, listTerminals, pairTerminal, revokeTerminal } from './operation.ts';
import type { Terminal, Terminals } from './terminal.ts';

export function terminalsHandler(terminals: Terminals, settings: HttpSettings) {
  const create = operationHandler(
    contract.createTerminal,
    async ({ body, caller, now, note }) => {
      const created = await createTerminal(terminals, caller.serviceId, body, now);
      note({ terminal: created.terminal.terminalId });
      return {
        status: 201,
        body: {
          ...terminalJson(created.terminal),
          pairingCode: created.code,
          expiresAt: rfc3339(created.expiresAt),
        },
      };
    },
    settings,
  );

  const list = operationHandler(
    contract.listTerminals,
    async ({ caller }) => {
      const found = await listTerminals(terminals, caller.serviceId);
      return { status: 200, body: { terminals: found.map(terminalJson) } };
    },
    settings,
  );

  const pair = operationHandler(
    contract.pairTerminal,
    async ({ body, now, note }) => {
      const { terminal, token } = await pairTerminal(terminals, body.code, now);
      const { terminalId, name } = terminal;
      note({ paired: terminalId });
      return { status: 201, body: { terminalId, name, token } };
    },
    settings,
  );

  const revoke = operationHandler(
    contract.revokeTerminal,
    async ({ path: { terminalId }, caller, note }) => {
      await revokeTerminal(terminals, caller.serviceId, terminalId);
      note({ revoked: terminalId });
      return { status: 200, body: { terminalId } };
    },
    settings,
  );

  return functionHandler(create, list, pair, revoke);
}

const terminalJson = ({ terminalId, name, unattended, createdAt, pairedAt }: Terminal) => ({
  terminalId,
  name,
  unattended: unattended ?? false,
  createdAt: rfc3339(createdAt),
  ...(pairedAt !== undefined && { pairedAt: rfc3339(pairedAt) }),
});
