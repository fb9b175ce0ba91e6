// The reading screen: between the system that opens it, the reader program on this machine, and staff.
// The PIN goes from here to the reader program only; the opener gets a one-time code, nothing else.
const service = JSON.parse(document.querySelector('#service').textContent);
const main = document.querySelector('main');
const live = document.querySelector('#live');
const tokenName = `mykey-reader ${service.agent}`;

const fragment = new URLSearchParams(location.hash.slice(1));
// The ticket is not left in the address, where it could be copied.
history.replaceState(null, '', location.pathname);
const returnUrl = service.returnUrls.find((url) => url === fragment.get('return'));

let reading;
let agentToken = readToken();

/** Texts by situation: title, and what staff do; Japanese first. */
const failures = {
  card: {
    title: ['カードがありません', 'No card'],
    todo: [
      'カードを 1 枚だけリーダーに置いて、やり直してください。',
      'Put one card on the reader and start again.',
    ],
  },
  removed: {
    title: ['カードが離れました', 'The card was taken away'],
    todo: [
      '終わるまでカードをリーダーに置いたまま、やり直してください。',
      'Leave the card on the reader until the end, and start again.',
    ],
  },
  pin: {
    title: ['暗証番号が使えません', 'The PIN cannot be used'],
    todo: [
      'ロックされているときは、市区町村の窓口で再設定が必要です。',
      'If it is blocked, the holder has it reset at the municipal counter.',
    ],
  },
  pinless: {
    title: ['暗証番号なしでは使えません', 'Not possible without the PIN'],
    todo: [
      '一度、暗証番号を使って読み取ってください。スマートフォンはかざし利用ができません。',
      'Read the card once with its PIN. Phones cannot be held without a PIN.',
    ],
  },
  refused: {
    title: ['このカードは受け付けられません', 'This card is not accepted'],
    todo: [
      'このカードで手続を進めず、責任者に連絡してください。',
      'Do not proceed with this card; tell the person in charge.',
    ],
  },
  reader: {
    title: ['リーダーが使えません', 'The reader cannot be used'],
    todo: [
      'リーダーと読み取りソフトを確かめて、やり直してください。',
      'Check the reader and the reader program, and start again.',
    ],
  },
  other: {
    title: ['読み取りを終えられませんでした', 'The reading could not be completed'],
    todo: ['業務の画面に戻って、やり直してください。', 'Go back and start again.'],
  },
};

const kinds = [
  [/^(card-absent|cards-several|card-unresponsive)$/, 'card'],
  [/^(card-removed|card-changed|card-reset|card-busy)$/, 'removed'],
  [/^(pin-|pinpad-)/, 'pin'],
  [/^(pinless-unsupported|enrolment-required|chip-unknown|attributes-unsupported)$/, 'pinless'],
  [
    /^(chip-|certificate-|signature-invalid|challenge-signature-invalid|attributes-invalid|card-not-supported|card-answer-invalid|subject-)/,
    'refused',
  ],
  [/^(reader-|agent-|origin-refused|host-refused|pairing-|permission-denied)/, 'reader'],
];

const entries = {
  userAuthenticationPin: {
    label: ['利用者証明用の暗証番号(4 桁)', 'User-authentication PIN (4 digits)'],
    digits: 4,
  },
  inputAssistancePin: {
    label: ['券面事項入力補助用の暗証番号(4 桁)', 'Input-assistance PIN (4 digits)'],
    digits: 4,
  },
  birthDate: {
    label: [
      '生年月日(和暦の年・月・日を各 2 桁、昭和 55 年 11 月 21 日は 551121)',
      'Birth date (year of the era, month, day: two digits each)',
    ],
    digits: 6,
  },
  verificationNumberB: {
    label: [
      '照合番号B(生年月日 6 桁・有効期限の年 4 桁・セキュリティコード 4 桁)',
      'Verification number B (14 digits)',
    ],
    digits: 14,
  },
};

const steps = {
  'waiting-for-card': ['カードをリーダーに置いてください', 'Put the card on the reader', 'no'],
  'card-found': ['カードを確認しました', 'The card was found', 'yes'],
  reading: [
    '読み取っています。カードを動かさないでください',
    'Reading. Leave the card where it is',
    'yes',
  ],
  sending: ['確認しています', 'Checking', 'yes'],
};

void start(fragment.get('ticket'));

// A further ticket, or the first one, from the opener.
addEventListener('message', ({ origin, data }) => {
  if (!service.origins.includes(origin)) return;
  if (data?.type === 'mykey-ticket' && typeof data.ticket === 'string' && !reading)
    void start(data.ticket);
});

async function start(ticket) {
  if (!ticket) {
    show(heading('業務の画面から開いてください', 'Open this screen from your system'));
    tell({ type: 'mykey-screen', state: 'ready' });
    return;
  }
  const found = await readerState();
  if (found.code === 'pairing-needed') return askPairing(ticket);
  if (found.code) return fail(found);
  await read(ticket);
}

/** Whether the reader program answers and has a reader. */
async function readerState() {
  try {
    const response = await ask('/v1/status');
    const status = await response.json();
    if (!response.ok) return status;
    if (status.trouble) return status.trouble;
    return status.readers.length > 0 ? status : { code: 'reader-none' };
  } catch {
    return { code: (await isDenied()) ? 'permission-denied' : 'agent-unreachable' };
  }
}

/** Chromium asks before a page may reach a program on the same machine. */
async function isDenied() {
  for (const name of ['loopback-network', 'local-network-access']) {
    try {
      if ((await navigator.permissions.query({ name })).state === 'denied') return true;
    } catch {
      // This browser does not know the permission.
    }
  }
  return false;
}

function ask(path, body) {
  return fetch(service.agent + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(agentToken && { authorization: `Bearer ${agentToken}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
    targetAddressSpace: 'loopback',
  });
}

async function read(ticket) {
  reading = { id: undefined };
  try {
    const response = await ask('/v1/readings', { ticket });
    if (!response.ok) return fail(await response.json());
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop();
      for (const line of lines) if (line) on(JSON.parse(line));
    }
    if (reading) fail({ code: 'agent-unreachable' });
  } catch {
    if (reading) fail({ code: 'agent-unreachable' });
  }
}

function on(event) {
  reading.id = event.readingId;
  switch (event.event) {
    case 'progress':
      return progress(steps[event.step]);
    case 'entry-needed':
      return askEntry(event);
    case 'finished':
      return finish(event);
    default:
      return fail(event);
  }
}

function progress([ja, en, card]) {
  const title = heading(ja, en);
  title.classList.add('wait');
  show(
    title,
    list([
      ['リーダー: 使えます', 'Reader: ready', 'yes'],
      card === 'yes'
        ? ['カード: あります', 'Card: present', 'yes']
        : ['カード: まだありません', 'Card: not yet', 'no'],
    ]),
    cancelButton(),
  );
}

function askEntry({ wanted, pinPad, because }) {
  const form = element('form', { novalidate: '', autocomplete: 'off' });
  const inputs = new Map();
  const agreements = new Map();
  const note = element('p', { role: 'alert' });
  if (because) note.append(...both(...whyAgain(because, wanted)));
  for (const { credential, triesLeft } of wanted) {
    const { label, digits } = entries[credential];
    const id = `entry-${credential}`;
    const labelled = element('label', { for: id });
    labelled.append(...both(...label));
    const input = element('input', {
      id,
      type: 'password',
      inputmode: 'numeric',
      autocomplete: 'off',
      maxlength: digits,
      required: '',
      'aria-describedby': `${id}-tries`,
    });
    const tries = element('p', { id: `${id}-tries` });
    if (triesLeft !== undefined)
      tries.append(...both(`残り ${triesLeft} 回まで入力できます`, `${triesLeft} tries left`));
    form.append(labelled, input, tries);
    inputs.set(credential, input);
    if (triesLeft === 1 || because === 'pin-last-try') {
      const box = element('input', { type: 'checkbox', id: `${id}-last` });
      const agreed = element('label', { class: 'check', for: `${id}-last` });
      const words = element('span');
      words.append(
        ...both(
          '次に間違えると使えなくなることを、本人に伝えて了解を得ました',
          'The holder knows that another wrong entry blocks it, and agrees',
        ),
      );
      agreed.append(box, words);
      form.append(agreed);
      agreements.set(credential, box);
    }
  }
  let active = inputs.values().next().value;
  for (const input of inputs.values()) input.addEventListener('focus', () => (active = input));
  form.append(padFor(() => active));
  const send = element('button', { class: 'main', type: 'submit' });
  send.append(...both('読み取る', 'Read'));
  form.append(send, ' ', cancelButton());
  if (pinPad) {
    const onPad = element('button', { type: 'button' });
    onPad.append(...both('リーダーのテンキーで入力', 'Enter on the reader’s PIN pad'));
    onPad.addEventListener('click', () => enter(form, agreements, () => 'pin-pad'));
    form.append(' ', onPad);
  }
  form.addEventListener('submit', (submitted) => {
    submitted.preventDefault();
    const wrong = [...inputs].find(
      ([credential, { value }]) => !new RegExp(`^\\d{${entries[credential].digits}}$`).test(value),
    );
    if (wrong) {
      const { digits } = entries[wrong[0]];
      note.replaceChildren(
        ...both(`数字 ${digits} 桁で入力してください`, `Enter ${digits} digits`),
      );
      wrong[1].focus();
      return;
    }
    enter(form, agreements, (credential) => inputs.get(credential).value);
  });
  show(heading('暗証番号などを入力してください', 'Enter the PIN or number'), note, form);
  active.focus();

  function enter(from, agreed, valueOf) {
    const unanswered = [...agreed.values()].find((box) => !box.checked);
    if (unanswered) {
      note.replaceChildren(
        ...both('本人の了解を確かめて、印を付けてください', 'Confirm that the holder agrees'),
      );
      unanswered.focus();
      return;
    }
    const readingId = reading.id;
    const credentials = Object.fromEntries(
      wanted.map(({ credential }) => [credential, valueOf(credential)]),
    );
    for (const input of inputs.values()) input.value = '';
    from.querySelectorAll('button').forEach((button) => (button.disabled = true));
    ask('/v1/readings/entry', { readingId, credentials, useLastTry: [...agreed.keys()] }).catch(
      () => fail({ code: 'agent-unreachable' }),
    );
  }
}

function whyAgain(code, wanted) {
  const left = wanted.map(({ triesLeft }) => triesLeft).find((tries) => tries !== undefined);
  if (code === 'pin-wrong')
    return [
      `違います。残り ${left ?? '?'} 回です。本人に確かめてください`,
      `Wrong. ${left ?? '?'} tries left: ask the holder`,
    ];
  if (code === 'pin-last-try') return ['残り 1 回です', 'One try is left'];
  return ['桁数が違います。回数は減っていません', 'Wrong number of digits; no try was used'];
}

function padFor(inputOf) {
  const pad = element('div', {
    class: 'pad',
    role: 'group',
    'aria-label': 'テンキー number pad',
  });
  for (const key of ['1', '2', '3', '4', '5', '6', '7', '8', '9', '消す', '0']) {
    const button = element('button', { type: 'button' });
    button.textContent = key;
    if (key === '消す') button.setAttribute('aria-label', '消す clear');
    button.addEventListener('click', () => {
      const input = inputOf();
      if (key === '消す') input.value = '';
      else if (input.value.length < input.maxLength) input.value += key;
    });
    pad.append(button);
  }
  return pad;
}

function askPairing(ticket) {
  const form = element('form', { novalidate: '', autocomplete: 'off' });
  const label = element('label', { for: 'pairing' });
  label.append(
    ...both(
      '読み取りソフトに表示された 8 桁のコード(最初の一度だけ)',
      'The code of eight digits that the reader program shows (once)',
    ),
  );
  const input = element('input', {
    id: 'pairing',
    type: 'text',
    inputmode: 'numeric',
    maxlength: 8,
    autocomplete: 'off',
  });
  const note = element('p', { role: 'alert' });
  const send = element('button', { class: 'main', type: 'submit' });
  send.append(...both('つなぐ', 'Pair'));
  form.append(label, input, note, send);
  form.addEventListener('submit', (submitted) => {
    submitted.preventDefault();
    void pair();
  });
  show(
    heading('この画面と読み取りソフトをつなぎます', 'Pair this screen with the reader program'),
    form,
  );
  input.focus();

  async function pair() {
    try {
      const response = await ask('/v1/pairings', { code: input.value });
      const answer = await response.json();
      if (response.ok) {
        agentToken = answer.token;
        keepToken(agentToken);
        return start(ticket);
      }
      note.replaceChildren(...both(answer.cure.ja, answer.cure.en));
      input.focus();
    } catch {
      fail({ code: 'agent-unreachable' });
    }
  }
}

function finish({ handover }) {
  reading = undefined;
  const title = heading('読み取りました', 'The card was read');
  title.classList.add('good');
  const done = element('p');
  done.append(...both('カードを本人に返してください。', 'Give the card back to its holder.'));
  show(title, done);
  tell({ type: 'mykey-reading', outcome: 'read', handover });
  if (returnUrl) leave({ handover });
}

function fail({ code, cure, details }) {
  reading = undefined;
  const shown = details?.platformCode ?? code;
  if (shown === 'cancelled') return ended(shown);
  const { title, todo } = failures[kinds.find(([codes]) => codes.test(shown))?.[1] ?? 'other'];
  const head = heading(...title);
  const box = element('section', { class: 'bad' });
  const first = element('p');
  first.append(...both(...todo));
  box.append(head, first);
  const more = cure ?? cures[shown];
  // What the agent says of a platform's refusal is general: the code says what it is.
  if (more && !details?.platformCode) {
    const second = element('p');
    second.append(...both(more.ja, more.en));
    box.append(second);
  }
  const named = element('p', { class: 'code' });
  named.textContent = shown;
  box.append(named);
  show(box, backButton(shown));
  tell({ type: 'mykey-reading', outcome: 'failed', code: shown });
}

const cures = {
  'permission-denied': {
    ja: 'このページに「ローカル ネットワーク」へのアクセスが許可されていません。ブラウザのサイトの設定で許可してください。',
    en: 'This page may not reach the reader program: allow access to the local network in the browser’s site settings.',
  },
  'agent-unreachable': {
    ja: 'この端末の読み取りソフトが動いていません。起動してください。',
    en: 'The reader program does not run on this machine: start it.',
  },
  'reader-none': {
    ja: 'リーダーがつながっていません。つないでください。',
    en: 'No card reader is found: connect one.',
  },
};

function ended(code) {
  show(heading('中止しました', 'Cancelled'), backButton(code));
  tell({ type: 'mykey-reading', outcome: 'failed', code });
}

/** To the opener, only where it is of a registered origin: browsers deliver to no other. */
function tell(message) {
  const opener = window.opener ?? (window.parent === window ? undefined : window.parent);
  if (opener) for (const origin of service.origins) opener.postMessage(message, origin);
}

function leave(outcome) {
  const target = new URL(returnUrl);
  for (const [name, value] of Object.entries(outcome)) target.searchParams.set(name, value);
  location.replace(target);
}

function backButton(code) {
  const button = element('button', { class: 'main', type: 'button' });
  button.append(...both('業務の画面に戻る', 'Back to your system'));
  button.addEventListener('click', () => {
    if (returnUrl) leave({ error: code });
    else if (window.opener) window.close();
    else tell({ type: 'mykey-screen', state: 'closed' });
  });
  return returnUrl || window.opener || window.parent !== window ? button : '';
}

function cancelButton() {
  const button = element('button', { type: 'button' });
  button.append(...both('中止', 'Cancel'));
  button.addEventListener('click', () => {
    if (reading?.id) ask('/v1/readings/cancel', { readingId: reading.id }).catch(() => undefined);
  });
  return button;
}

function show(...parts) {
  main.replaceChildren(...parts);
  const title = main.querySelector('h1');
  live.textContent = title.textContent;
  title.focus();
}

function heading(ja, en) {
  const title = element('h1', { tabindex: -1 });
  title.append(...both(ja, en));
  return title;
}

function list(states) {
  const shown = element('ul', { class: 'state' });
  for (const [ja, en, on] of states) {
    const item = element('li', { 'data-on': on });
    item.append(...both(ja, en));
    shown.append(item);
  }
  return shown;
}

/** Japanese, then English, each in its own language for screen readers. */
function both(ja, en) {
  const english = element('span', { lang: 'en' });
  english.textContent = en;
  return [ja, english];
}

function element(name, attributes = {}) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

/** Storage can be forbidden to a page in a frame: then the page is paired for one reading. */
function readToken() {
  try {
    return localStorage.getItem(tokenName) ?? undefined;
  } catch {
    return undefined;
  }
}

function keepToken(token) {
  try {
    localStorage.setItem(tokenName, token);
  } catch {
    // Paired for this reading.
  }
}
