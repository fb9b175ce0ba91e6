import { publicCall, type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'get-status': publicCall('/v1/status'),
  'get-openapi': publicCall('/openapi.json'),
  'get-docs': publicCall('/docs'),
} as const satisfies GoodCalls;
