import { createHash } from 'node:crypto';
import type { VirtualCard } from './virtual-card.ts';

/** Why a login failed, for the person. */
export interface Message {
  readonly ja: string;
  readonly en: string;
  readonly code: string;
  /** A page with meaning and cure. */
  readonly type?: string;
}

export function loginPage(cards: readonly VirtualCard[], message?: Message): string {
  const options = cards
    .map(({ cardId, holder }) => `<option value="${escape(cardId)}">${escape(holder)}</option>`)
    .join('');
  return shell(`${message === undefined ? '' : alert(message)}
<p>図書の予約には、マイナンバーカードでログインしてください。<span lang="en">Log in with your My Number Card to reserve books.</span></p>
<form method="post" action="/login"><fieldset><legend>仮想カードリーダー <span lang="en">Virtual card reader</span></legend>
<label>カード <span lang="en">Card</span><select name="card">${options}</select></label>
<label>利用者証明用の暗証番号（数字 4 桁） <span lang="en">PIN, four digits (1234)</span>
<input name="pin" type="password" inputmode="numeric" pattern="[0-9]{4}" maxlength="4" autocomplete="off" required></label>
<button class="main">マイナンバーカードでログイン <span lang="en">Log in with My Number Card</span></button></fieldset></form>
<form method="post" action="/cards"><button>カードをもう一枚つくる <span lang="en">Issue another card</span></button></form>`);
}

export const welcomePage = ({ number, logins }: { number: number; logins: number }): string =>
  shell(`<p class="done" role="status">ログインしました。<span lang="en">You are logged in.</span></p>
<dl><dt>利用者番号 <span lang="en">Your number at this library</span></dt><dd id="number">${number}</dd>
<dt>ログイン回数 <span lang="en">Logins</span></dt><dd id="logins">${logins}</dd></dl>
<p>このサービスが保存するのは仮名識別子（PPID）だけです。<span lang="en">This service keeps a pairwise pseudonymous identifier, no name and no certificate.</span></p>
<form method="post" action="/logout"><button>ログアウト <span lang="en">Log out</span></button></form>`);

const alert = ({ ja, en, code, type }: Message): string =>
  `<p class="alert" role="alert">${escape(ja)} <span lang="en">${escape(en)}</span> ${
    type === undefined
      ? `<code>${escape(code)}</code>`
      : `<a href="${escape(type)}"><code>${escape(code)}</code></a>`
  }</p>`;

const shell = (main: string): string => `<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>砂場市立図書館（見本） Sunaba City Library (example)</title><link rel="icon" href="data:,"><style>${style}</style></head>
<body><header>砂場市立図書館（見本） <span lang="en">Sunaba City Library (example)</span></header><main><h1>図書の予約 <span lang="en">Book reservations</span></h1>${main}</main></body></html>`;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const style = `*{box-sizing:border-box}body{margin:0;word-break:auto-phrase;font:16px/1.7 system-ui,sans-serif;color:#1a1a1a;background:#f4f6f8}header{background:#00468b;color:#fff;padding:.8rem 1.2rem;font-weight:600}main{max-width:34rem;margin:1.5rem auto;padding:1.2rem 1.4rem;background:#fff;border-radius:10px}h1{font-size:1.3rem;margin:0 0 .6rem}span[lang=en]{display:block;font-size:.82em;opacity:.8;font-weight:400}header span[lang=en],legend span[lang=en]{display:inline}fieldset{border:1px solid #c3ccd5;border-radius:8px;padding:.8rem 1rem}label{display:block;margin:.7rem 0}input,select,button{font:inherit;width:100%;padding:.5rem;border:1px solid #8795a5;border-radius:6px;background:#fff;color:inherit}button{cursor:pointer;margin-top:.6rem}.main{background:#00468b;color:#fff;border:0;padding:.6rem}.alert{background:#fdecea;border-left:4px solid #b3261e;padding:.6rem .8rem}.done{background:#e8f5e9;border-left:4px solid #1b7a34;padding:.6rem .8rem}dt{font-weight:600}dd{margin:0 0 .5rem}`;

/** No script, nothing from elsewhere. */
export const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
