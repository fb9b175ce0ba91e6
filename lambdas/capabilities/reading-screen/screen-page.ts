import { createHash } from 'node:crypto';
import { defaultPort } from '../../../reader/protocol.ts';
import { escapeHtml, type Page } from '../../platform/http/documentation.ts';
import { counterTermsOf } from '../services/counter-terms.ts';
import type { Service } from '../services/service.ts';
import { kioskLimits } from './limits.ts';
import { codeTexts, situations } from './screen-texts.ts';

/** Script and style sheet of the screen, as text. */
export interface ScreenFiles {
  readonly script: string;
  readonly style: string;
}

/**
 * The screen of one service. Its policy allows this script and this style sheet by their digests,
 * calls to the reader program on this machine, and frames of the service's origins only.
 * @param agent the reader program's address
 */
export function screenPage(
  service: Pick<Service, 'name' | 'counter'>,
  { script, style }: ScreenFiles,
  agent = `http://127.0.0.1:${defaultPort}`,
): Page {
  const { origins, returnUrls } = counterTermsOf(service);
  const html = `<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>マイナンバーカードの読み取り</title><link rel="icon" href="data:,"><style>${style}</style></head><body>
<header>${escapeHtml(service.name)}</header>
<main><h1 tabindex="-1">準備しています<span lang="en">Preparing</span></h1></main>
<div id="live" role="status" aria-live="polite"></div>
<noscript><p>この画面には JavaScript が必要です。<span lang="en">This screen needs JavaScript.</span></p></noscript>
${dataBlock('service', { origins, returnUrls, agent, kiosk: kioskLimits })}${texts}<script type="module">${script}</script></body></html>`;
  const frames = origins.length > 0 ? origins.join(' ') : "'none'";
  return {
    html,
    policy: [
      "default-src 'none'",
      `script-src '${digestOf(script)}'`,
      `style-src '${digestOf(style)}'`,
      'img-src data:',
      `connect-src ${agent}`,
      "base-uri 'none'",
      "form-action 'none'",
      `frame-ancestors ${frames}`,
    ].join('; '),
  };
}

/** In a data block, "<" alone could end the element. */
const dataBlock = (id: string, data: object): string =>
  `<script type="application/json" id="${id}">${JSON.stringify(data).replaceAll('<', String.raw`\u003c`)}</script>`;

const texts = dataBlock('texts', { situations, codes: codeTexts });

const digestOf = (text: string): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`;
