import type { OperationContract } from '../../platform/http/operation-contract.ts';
import { serviceIdPath } from '../../platform/http/schemas/field-formats.ts';

export const getReadingScreen = {
  id: 'get-reading-screen',
  method: 'GET',
  path: '/counter/{serviceId}',
  scope: 'public',
  maxBodyBytes: 0,
  summary: 'The reading screen of a Type 1 service',
  description:
    'A page that the service’s system opens in a frame, in a window or by redirect, with `#ticket=…` and, for a redirect, `&return=…`. Only the registered origins may frame it and get its result.',
  pathParameters: serviceIdPath,
  responses: { 200: { description: 'HTML', mediaType: 'text/html' } },
  problems: ['service-not-found'],
} as const satisfies OperationContract;
