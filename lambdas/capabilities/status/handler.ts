import { MyKeyError } from '../../errors.ts';
import {
  isViewerFile,
  viewerFiles,
  type PublishedDocumentation,
} from '../../platform/http/documentation.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import type { Answer } from '../../platform/http/operation-call.ts';
import {
  operationHandler,
  type HttpSettings,
  type OperationHandler,
} from '../../platform/http/operation-handler.ts';
import * as schemas from './contract.ts';

export function statusHandler(
  stage: string,
  documentation: PublishedDocumentation,
  settings: HttpSettings,
) {
  const status = operationHandler(
    schemas.getStatus,
    async ({ now }) => ({
      status: 200,
      body: { status: 'up', stage, time: new Date(now).toISOString() },
    }),
    settings,
  );

  const openapi = operationHandler(
    schemas.getOpenapi,
    async ({ baseUrl }) => {
      const body = await documentation.openapi(baseUrl);
      return { status: 200, body, headers: { 'Content-Type': 'application/json' } };
    },
    settings,
  );

  const page = async (path: string, baseUrl: string): Promise<Answer> => {
    const found = await documentation.page(path, baseUrl);
    if (found === undefined) throw new MyKeyError('route-not-found', 'see /problems: no such code');
    return {
      status: 200,
      body: found.html,
      headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': found.policy,
      },
    };
  };

  const viewerFile = operationHandler(
    schemas.getViewerFile,
    async ({ path: { file } }) => {
      if (!isViewerFile(file))
        throw new MyKeyError('route-not-found', 'the viewer has no such file');
      return {
        status: 200,
        body: await documentation.file(file),
        // Identical for all clients until the next deployment.
        headers: { 'Content-Type': viewerFiles[file], 'Cache-Control': 'public, max-age=3600' },
      };
    },
    settings,
  );

  return functionHandler(
    status,
    openapi,
    viewerFile,
    withoutTrailingSlash(
      operationHandler(schemas.getDocs, ({ baseUrl }) => page('docs', baseUrl), settings),
    ),
    operationHandler(schemas.getHome, ({ baseUrl }) => page('', baseUrl), settings),
    operationHandler(schemas.listProblems, ({ baseUrl }) => page('problems', baseUrl), settings),
    operationHandler(
      schemas.getProblem,
      ({ path: { code }, baseUrl }) => page(`problems/${code}`, baseUrl),
      settings,
    ),
  );
}

/**
 * The gateway treats `/docs/` as `/docs`, but the page's relative URLs would resolve differently.
 */
function withoutTrailingSlash(handler: OperationHandler): OperationHandler {
  const answer: typeof handler = Object.assign(
    async (...[event, context]: Parameters<OperationHandler>) => {
      const shown = await handler(event, context);
      if (!event.path.endsWith('/')) return shown;
      const folder = event.path.slice(0, -1).split('/').at(-1)!;
      return {
        ...shown,
        statusCode: 308,
        headers: { ...shown.headers, Location: `../${folder}` },
        body: '',
      };
    },
    { contract: handler.contract, settings: handler.settings },
  );
  return answer;
}
