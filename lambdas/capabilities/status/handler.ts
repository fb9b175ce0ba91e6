import type { Documentation } from '../../platform/http/documentation.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import * as schemas from './contract.ts';

export function statusHandler(
  stage: string,
  documentation: (baseUrl: string) => Promise<Documentation>,
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
      const { openapi: body } = await documentation(baseUrl);
      return { status: 200, body, headers: { 'Content-Type': 'application/json' } };
    },
    settings,
  );

  const docs = operationHandler(
    schemas.getDocs,
    async ({ baseUrl }) => {
      const { html, policy } = (await documentation(baseUrl)).page;
      const headers = {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': policy,
      };
      return { status: 200, body: html, headers };
    },
    settings,
  );

  return functionHandler(status, openapi, docs);
}
