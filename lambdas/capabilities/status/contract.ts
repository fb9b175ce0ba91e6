import * as z from 'zod';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import { timestamp } from '../../platform/http/schemas/field-formats.ts';

const html = { 200: { description: 'HTML', mediaType: 'text/html' } } as const;

export const getStatus = {
  id: 'get-status',
  method: 'GET',
  path: '/v1/status',
  scope: 'public',
  maxBodyBytes: 0,
  summary: 'Status of the platform',
  description: 'Uses no dependency: a baseline for latency comparisons.',
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
  description: 'What `GET /docs` shows.',
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
  summary: 'API reference',
  description: 'A viewer of `GET /openapi.json`; loads resources from this platform only.',
  responses: html,
  problems: [],
} as const satisfies OperationContract;

export const getViewerFile = {
  id: 'get-viewer-file',
  method: 'GET',
  path: '/docs/{file}',
  scope: 'public',
  maxBodyBytes: 0,
  summary: 'A file of the API reference viewer',
  description: 'Scripts and style sheets of `GET /docs`, and their licences.',
  pathParameters: z.object({
    file: z
      .string()
      .regex(/^[A-Za-z0-9.-]{1,64}$/)
      .meta({ description: 'Its name' }),
  }),
  responses: { 200: { description: 'The file', mediaType: 'text/javascript' } },
  problems: ['route-not-found'],
} as const satisfies OperationContract;

export const getHome = {
  id: 'get-home',
  method: 'GET',
  path: '/',
  scope: 'public',
  maxBodyBytes: 0,
  summary: 'Start page',
  description: 'A page with a link to `GET /docs`.',
  responses: html,
  problems: [],
} as const satisfies OperationContract;

export const listProblems = {
  id: 'list-problems',
  method: 'GET',
  path: '/problems',
  scope: 'public',
  maxBodyBytes: 0,
  summary: 'All problem codes with their cures',
  description: 'English and Japanese.',
  responses: html,
  problems: [],
} as const satisfies OperationContract;

export const getProblem = {
  id: 'get-problem',
  method: 'GET',
  path: '/problems/{code}',
  scope: 'public',
  maxBodyBytes: 0,
  summary: 'Meaning and cure of a problem code',
  description: 'The `type` of a problem document is the URL of this page; English and Japanese.',
  pathParameters: z.object({
    code: z
      .string()
      .regex(/^[a-z-]{1,64}$/)
      .meta({ description: '`code` of the problem' }),
  }),
  responses: html,
  problems: ['route-not-found'],
} as const satisfies OperationContract;
