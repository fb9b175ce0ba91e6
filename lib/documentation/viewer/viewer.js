/* global SwaggerUIBundle */
// Where the API is for this page: below a stage's path, on a domain of its own, or on a port.
const base = new URL('../', document.currentScript.src);
const asked = new URLSearchParams(location.search).get('lang') ?? navigator.language;
const isJapanese = asked.startsWith('ja');

async function show() {
  const response = await fetch(new URL('openapi.json', base));
  const api = await response.json();
  // A call that is tried out goes to where the page came from, whatever other names the API has.
  api.servers = [{ url: base.href.replace(/\/$/, '') }];
  // The viewer's OAuth dialog asks for a client secret, which nobody has here: a token is put in.
  delete api.components.securitySchemes.oauth;
  const operations = Object.values(api.paths).flatMap(Object.values);
  for (const operation of operations)
    operation.security = operation.security.filter((scheme) => !('oauth' in scheme));
  if (isJapanese) showInJapanese(api, operations);
  SwaggerUIBundle({
    spec: api,
    dom_id: '#viewer',
    presets: [SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    deepLinking: true,
    displayRequestDuration: true,
    filter: true,
    // Models stand with the operations that use them.
    defaultModelsExpandDepth: -1,
    // No request to a validator of somebody else's.
    validatorUrl: null,
  });
}

function showInJapanese(api, operations) {
  document.documentElement.lang = 'ja';
  api.info.description = api.info['x-description-ja'];
  for (const tag of api.tags) tag.description = tag['x-description-ja'] ?? tag.description;
  for (const operation of operations)
    operation.summary = operation['x-summary-ja'] ?? operation.summary;
  const viewer = document.querySelector('#viewer');
  new MutationObserver(() => translateLabels(viewer)).observe(viewer, {
    childList: true,
    subtree: true,
    characterData: true,
  });
}

/** The viewer has no languages: its labels, by their text. */
const labels = new Map([
  ['Try it out', '試す'],
  ['Cancel', 'やめる'],
  ['Execute', '実行'],
  ['Clear', '消す'],
  ['Reset', '元に戻す'],
  ['Authorize', 'トークンを入れる'],
  ['Available authorizations', '認可'],
  ['Close', '閉じる'],
  ['Logout', 'トークンを外す'],
  ['Parameters', 'パラメーター'],
  ['No parameters', 'パラメーターなし'],
  ['Request body', '要求の本文'],
  ['Responses', '応答'],
  ['Server response', 'サーバーの応答'],
  ['Response body', '応答の本文'],
  ['Response headers', '応答のヘッダー'],
  ['Request URL', '要求の URL'],
  ['Request duration', '所要時間'],
  ['Name', '名前'],
  ['Description', '説明'],
  ['Code', '状態コード'],
  ['Details', '詳細'],
  ['Links', 'リンク'],
  ['No links', 'なし'],
  ['Media type', 'メディアタイプ'],
  ['Examples', '例'],
  ['Examples:', '例:'],
  ['Example Description', '例の説明'],
  ['Edit Value', '値を編集'],
  ['Example Value', '例'],
  ['Schema', 'スキーマ'],
  ['Servers', 'サーバー'],
  ['required', '必須'],
  ['Download', 'ダウンロード'],
]);

/** Texts of the API itself, in code and descriptions, stay. */
function translateLabels(viewer) {
  const filter = viewer.querySelector('.operation-filter-input');
  if (filter !== null) filter.placeholder = 'タグまたはパスで絞り込む';
  const texts = document.createTreeWalker(viewer, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode;
    const label = labels.get(data.trim());
    if (label !== undefined && parentElement.closest('pre, code, .renderedMarkdown') === null)
      texts.currentNode.data = label;
  }
}

show().catch(() => {
  document.querySelector('#viewer').textContent =
    'The reference could not be loaded: reload the page. 読み込めませんでした。再読み込みしてください。';
});
