import { rfc3339 } from '../../pki/rfc3339.ts';
import type { LinkPorts } from '../../people/links.ts';
import {
  exportMyKeyIdLinks,
  findMyKeyIdLink,
  linkMyKeyId,
  removeMyKeyIdLink,
  type MyKeyIdLink,
} from '../../people/my-key-id-links.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { answerPage, answerRows } from '../links/link-answers.ts';
import * as contract from './contract.ts';
import { importLibraryLinks } from './operation.ts';

export function libraryLinksHandler(portsAt: (now: number) => LinkPorts, settings: HttpSettings) {
  const put = operationHandler(
    contract.putLibraryLink,
    async ({ body, caller, now, note }) => {
      const { outcome, link } = await linkMyKeyId(portsAt(now), caller.serviceId, body);
      note({ link: outcome });
      return { status: 200, body: { outcome, link: linkJson(link) } };
    },
    settings,
  );

  const lookUp = operationHandler(
    contract.lookUpLibraryLink,
    async ({ body, caller, now }) => ({
      status: 200,
      body: linkJson(await findMyKeyIdLink(portsAt(now), caller.serviceId, body)),
    }),
    settings,
  );

  const remove = operationHandler(
    contract.removeLibraryLink,
    async ({ body, caller, now, note }) => {
      const userNumber = await removeMyKeyIdLink(portsAt(now), caller.serviceId, body);
      note({ link: 'removed' });
      return { status: 200, body: { userNumber } };
    },
    settings,
  );

  const importAll = operationHandler(
    contract.importLibraryLinks,
    async ({ body, caller, now, note }) =>
      answerRows(await importLibraryLinks(portsAt(now), caller.serviceId, body.rows, body), note),
    settings,
  );

  const exportAll = operationHandler(
    contract.exportLibraryLinks,
    async ({ body, caller, now, note }) => {
      const from = Number(body.cursor ?? 0);
      const page = await exportMyKeyIdLinks(portsAt(now), caller.serviceId, from);
      return answerPage(page, linkJson, note);
    },
    settings,
  );

  return functionHandler(put, lookUp, remove, importAll, exportAll);
}

const linkJson = ({ myKeyId, userNumber, linkedAt }: MyKeyIdLink) => ({
  myKeyId,
  userNumber,
  linkedAt: rfc3339(linkedAt),
});
