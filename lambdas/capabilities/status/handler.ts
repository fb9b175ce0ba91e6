import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import * as schemas from './contract.ts';

/** What only the documentation routes need; loaded when first asked for. */
export interface Documentation {
  readonly openApiDocument: (baseUrl: string) => object;
  readonly docsPage: (baseUrl: string) => { readonly html: string; readonly policy: string };
}

export function statusHandler(
  stage: string,
  documentation: () => Promise<Documentation>,
  settings: HttpSettings,
) {
  const status = operationHandler(
    'get-status',
    schemas.getStatus,
    async ({ now }) => ({
      status: 200,
      body: { status: 'up', stage, time: new Date(now).toISOString() },
    }),
    settings,
  );

  const openapi = operationHandler(
    'get-openapi',
    schemas.getOpenapi,
    async ({ baseUrl }) => {
      const { openApiDocument } = await documentation();
      return { status: 200, body: openApiDocument(baseUrl) };
    },
    settings,
  );

  const docs = operationHandler(
    'get-docs',
    schemas.getDocs,
    async ({ baseUrl }) => {
      const { docsPage } = await documentation();
      const { html, policy } = docsPage(baseUrl);
      const headers = {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': policy,
      };
      return { status: 200, body: html, headers };
    },
    settings,
  );

  return functionHandler({ 'get-status': status, 'get-openapi': openapi, 'get-docs': docs });
}
