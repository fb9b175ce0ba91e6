import * as z from 'zod';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import { timestamp } from '../../platform/http/schemas/field-formats.ts';

export const getStatus = {
  id: 'get-status',
  method: 'GET',
  path: '/v1/status',
  scope: 'public',
  maxBodyBytes: 0,
  summary: 'Is the platform up',
  description: 'Touches nothing: a bare route to compare with.',
  responses: {
    200: {
      description: 'Up',
      schema: z
        .object({ status: z.literal('up'), stage: z.string(), time: timestamp('Now') })
        .meta({ id: 'Status' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

export const getOpenapi = {
  id: 'get-openapi',
  method: 'GET',
  path: '/openapi.json',
  scope: 'public',
  maxBodyBytes: 0,
  summary: 'This document',
  responses: {
    200: {
      description: 'OpenAPI 3.1',
      schema: z.looseObject({ openapi: z.string() }).meta({ id: 'OpenApiDocument' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

export const getDocs = {
  id: 'get-docs',
  method: 'GET',
  path: '/docs',
  scope: 'public',
  maxBodyBytes: 0,
  summary: 'This document for people',
  responses: { 200: { description: 'HTML', mediaType: 'text/html' } },
  problems: [],
} as const satisfies OperationContract;
