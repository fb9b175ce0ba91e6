import { rfc3339 } from '../../pki/rfc3339.ts';
import * as people from '../../people/links.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import * as contract from './contract.ts';
import { answerPage, answerRows } from './link-answers.ts';
import { awaitLinks, importLinks } from './operation.ts';

export function linksHandler(portsAt: (now: number) => people.AwaitPorts, settings: HttpSettings) {
  const put = operationHandler(
    contract.putLink,
    async ({ body, caller, now, note }) => {
      const { outcome, link } = await people.putLink(portsAt(now), caller.serviceId, body);
      note({ link: outcome });
      return { status: 200, body: { outcome, link: linkJson(link) } };
    },
    settings,
  );

  const lookUp = operationHandler(
    contract.lookUpLink,
    async ({ body, caller, now }) => ({
      status: 200,
      body: linkJson(await people.findLink(portsAt(now), caller.serviceId, body)),
    }),
    settings,
  );

  const remove = operationHandler(
    contract.removeLink,
    async ({ body, caller, now, note }) => {
      const link = await people.removeLink(portsAt(now), caller.serviceId, body);
      note({ link: 'removed' });
      return { status: 200, body: linkJson(link) };
    },
    settings,
  );

  const importAll = operationHandler(
    contract.importLinks,
    async ({ body, caller, now, note }) =>
      answerRows(await importLinks(portsAt(now), caller.serviceId, body.rows, body), note),
    settings,
  );

  const awaitAll = operationHandler(
    contract.awaitLinks,
    async ({ body, caller, now, note }) =>
      answerRows(await awaitLinks(portsAt(now), caller.serviceId, body.userNumbers, body), note),
    settings,
  );

  const exportAll = operationHandler(
    contract.exportLinks,
    async ({ body, caller, now, note }) => {
      const from = Number(body.cursor ?? 0);
      const page = await people.exportLinks(portsAt(now), caller.serviceId, from);
      return answerPage(page, linkJson, note);
    },
    settings,
  );

  return functionHandler(put, lookUp, remove, importAll, awaitAll, exportAll);
}

const linkJson = ({ ppid, userNumber, linkedAt }: people.Link) => ({
  ppid,
  userNumber,
  linkedAt: rfc3339(linkedAt),
});
