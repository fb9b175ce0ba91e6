/** The screen at a counter, which staff read. */
import { both, button, codeLine, element, heading, paragraph, show } from './elements.js';
import { entries, numberPad, whyAgain } from './entries.js';
import { canGoBack, goBack, leave, onTicket, tell } from './opener.js';
import { returnUrl, textOf } from './page-data.js';
import { askPairing } from './pairing.js';
import { cancel, enter, readCard, readerState } from './reader-program.js';

let reading;

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

export function runCounter(ticket) {
  onTicket((given) => {
    if (!reading) void start(given);
  });
  return start(ticket);
}

async function start(ticket) {
  if (!ticket) {
    show(heading('業務の画面から開いてください', 'Open this screen from your system'));
    tell({ type: 'mykey-screen', state: 'ready' });
    return;
  }
  const found = await readerState();
  if (found.code === 'pairing-needed') {
    try {
      await askPairing();
    } catch {
      return fail({ code: 'agent-unreachable' });
    }
    return start(ticket);
  }
  if (found.code) return fail(found);
  reading = {};
  const last = await readCard(ticket, on);
  reading = undefined;
  if (last.event === 'finished') finish(last);
  else fail(last);
}

function on(event) {
  reading.id = event.readingId;
  if (event.event === 'entry-needed') askEntry(event);
  else progress(steps[event.step]);
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
  form.append(
    numberPad((key) => {
      if (key === 'clear') active.value = '';
      else if (active.value.length < active.maxLength) active.value += key;
    }),
  );
  form.append(
    button(['読み取る', 'Read'], undefined, { class: 'main', type: 'submit' }),
    ' ',
    cancelButton(),
  );
  if (pinPad) {
    const onPad = () => send(() => 'pin-pad');
    form.append(' ', button(['リーダーのテンキーで入力', 'Enter on the reader’s PIN pad'], onPad));
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
    send((credential) => inputs.get(credential).value);
  });
  show(heading('暗証番号などを入力してください', 'Enter the PIN or number'), note, form);
  active.focus();

  function send(valueOf) {
    const unanswered = [...agreements.values()].find((box) => !box.checked);
    if (unanswered) {
      note.replaceChildren(
        ...both('本人の了解を確かめて、印を付けてください', 'Confirm that the holder agrees'),
      );
      unanswered.focus();
      return;
    }
    const credentials = Object.fromEntries(
      wanted.map(({ credential }) => [credential, valueOf(credential)]),
    );
    for (const input of inputs.values()) input.value = '';
    form.querySelectorAll('button').forEach((each) => (each.disabled = true));
    enter(reading.id, credentials, [...agreements.keys()]).catch(() =>
      fail({ code: 'agent-unreachable' }),
    );
  }
}

function finish({ handover }) {
  const title = heading('読み取りました', 'The card was read');
  title.classList.add('good');
  show(title, paragraph(['カードを本人に返してください。', 'Give the card back to its holder.']));
  tell({ type: 'mykey-reading', outcome: 'read', handover });
  if (returnUrl) leave({ handover });
}

/** What happened, what staff do whatever the code, and what the code adds to it. */
function fail({ code, cure, details }) {
  const shown = details?.platformCode ?? code;
  const { general, staff } = textOf(shown);
  // A reader program that is newer than this page knows codes that the page does not.
  const more = staff ?? (cure && !details?.platformCode ? [cure.ja, cure.en] : undefined);
  if (shown === 'cancelled') show(heading(...general.title), backButton(shown));
  else {
    const box = element('section', { class: 'bad' });
    box.append(heading(...general.title), paragraph(general.staff));
    if (more) box.append(paragraph(more));
    box.append(codeLine(shown));
    show(box, backButton(shown));
  }
  tell({ type: 'mykey-reading', outcome: 'failed', code: shown });
}

function backButton(code) {
  if (!canGoBack) return '';
  const back = () => goBack(code);
  return button(['業務の画面に戻る', 'Back to your system'], back, {
    class: 'main',
    type: 'button',
  });
}

const cancelButton = () =>
  button(['中止', 'Cancel'], () => {
    if (reading?.id) void cancel(reading.id);
  });

function list(states) {
  const shown = element('ul', { class: 'state' });
  for (const [ja, en, on] of states) {
    const item = element('li', { 'data-on': on });
    item.append(...both(ja, en));
    shown.append(item);
  }
  return shown;
}
