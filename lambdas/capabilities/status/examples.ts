import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const html = { response: '<!doctype html>' } as const;

/** Heading for the API reference. */
export const about = 'Whether the platform is up, and its documentation.';
export const aboutInJapanese = '稼働状況と文書';

export const examples = {
  'get-status': { response: { status: 'up', stage: 'sandbox', time: example.time } },
  'get-openapi': { response: { openapi: '3.1.1' }, isExcerpt: true },
  'get-docs': html,
  'get-viewer-file': { path: { file: 'viewer.js' }, response: '/* global SwaggerUIBundle */' },
  'get-home': html,
  'list-problems': html,
  'get-problem': { path: { code: 'challenge-used' }, ...html },
} as const satisfies OperationExamples;
