import { publicCall, type GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'get-status': publicCall('/v1/status'),
  'get-openapi': publicCall('/openapi.json'),
  'get-docs': publicCall('/docs'),
  'get-viewer-file': publicCall('/docs/viewer.js'),
  'get-home': publicCall('/'),
  'list-problems': publicCall('/problems'),
  'get-problem': publicCall('/problems/challenge-used'),
} as const satisfies GoodCalls;
