import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const html = { response: '<!doctype html>' } as const;

/** Heading for the API reference. */
export const about = 'Whether the platform is up, and its documentation.';
export const aboutInJapanese = '稼働状況と文書';

export const examples = {
  'get-status': {
    summaryInJapanese: 'プラットフォームの稼働状況',
    response: { status: 'up', stage: 'sandbox', time: example.time },
  },
  'get-openapi': { summaryInJapanese: 'この文書', response: { openapi: '3.1.1' }, isExcerpt: true },
  'get-docs': { summaryInJapanese: 'API リファレンス', ...html },
  'get-viewer-file': {
    summaryInJapanese: 'API リファレンスの表示用ファイル',
    path: { file: 'viewer.js' },
    response: '/* global SwaggerUIBundle */',
  },
  'get-home': { summaryInJapanese: '最初のページ', ...html },
  'list-problems': { summaryInJapanese: '全問題コードと対処', ...html },
  'get-problem': {
    summaryInJapanese: '問題コードの意味と対処',
    path: { code: 'challenge-used' },
    ...html,
  },
} as const satisfies OperationExamples;
