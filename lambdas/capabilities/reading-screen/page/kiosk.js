/**
 * The screen at a kiosk, which the holder reads: person after person, nobody beside it. Each screen is
 * drawn from nothing; digits stand in no field that a browser could keep or offer to the next person.
 */
import { both, button, codeLine, element, heading, paragraph, say, show } from './elements.js';
import { entries, numberPad } from './entries.js';
import { leave, onTicket, tell } from './opener.js';
import { returnUrl, service, textOf } from './page-data.js';
import { askPairing } from './pairing.js';
import { cancel, enter, readCard, readerState } from './reader-program.js';

const { idleMs, warningMs, outcomeMs, lookMs, awayMs, ticketMs } = service.kiosk;

/** Ends what the holder is asked for, if anything. */
let abandon = () => undefined;
let takeTicket = () => undefined;

export async function runKiosk(firstTicket) {
  document.documentElement.classList.add('kiosk');
  stayHere();
  onTicket((ticket) => takeTicket(ticket));
  for (let ticket = firstTicket; ; ticket = undefined) await serveOnePerson(ticket);
}

async function serveOnePerson(firstTicket) {
  showStart();
  // A ticket that came with the address expires: then nobody is waited for without end.
  const came = await cardIs(true, firstTicket === undefined ? Infinity : idleMs);
  const outcome = came ? await readWith(firstTicket) : failed('card-absent');
  tell({ type: 'mykey-reading', ...outcome.told });
  if (outcome.code !== 'cancelled') {
    showOutcome(outcome);
    await delay(outcomeMs);
    // Whoever leaves the card behind leaves no outcome beside it.
    await cardIs(false, idleMs);
  }
  if (returnUrl) {
    leave(outcome.left);
    // The browser needs a moment to leave.
    await delay(idleMs);
  } else {
    showCardBack();
    await cardIs(false);
  }
}

async function readWith(firstTicket) {
  showReading();
  const ticket = firstTicket ?? (await nextTicket());
  return ticket === undefined ? failed('ticket-missing') : readPerson(ticket);
}

/**
 * Until a card lies on the reader, or none. A reader program that is away is waited for.
 * @returns false where that did not come about in time
 */
async function cardIs(wanted, withinMs = Infinity) {
  const end = Date.now() + withinMs;
  for (let wasAway = false; Date.now() < end;) {
    const found = await readerState();
    if (found.code === 'pairing-needed') await askPairing().catch(() => undefined);
    else if (found.code) showOutcome({ code: found.code });
    else if (hasCard(found) === wanted) return true;
    if (wasAway && !found.code) showStart();
    wasAway = found.code !== undefined;
    await delay(wasAway && found.code !== 'pairing-needed' ? awayMs : lookMs);
  }
  return false;
}

const hasCard = ({ readers }) => readers.some(({ card }) => card === 'present' || card === 'mute');

/** The opener's next ticket; undefined if it gives none in time. */
function nextTicket() {
  return new Promise((resolve) => {
    takeTicket = resolve;
    tell({ type: 'mykey-screen', state: 'ready' });
    setTimeout(resolve, ticketMs);
  }).finally(() => {
    takeTicket = () => undefined;
  });
}

const failed = (code) => ({ code, told: { outcome: 'failed', code }, left: { error: code } });

/** @returns the code of a failure, if any, and what the opener is told by message or by redirect */
async function readPerson(ticket) {
  let own;
  const last = await readCard(ticket, async (event) => {
    if (event.event !== 'entry-needed') return showReading();
    const { code, credentials } = await enterAll(event);
    if (code === undefined) {
      // The end of the reading tells what became of the entry.
      await enter(event.readingId, credentials, []).catch(() => undefined);
    } else {
      own ??= code;
      await cancel(event.readingId);
    }
  });
  // What was asked for is asked no more.
  abandon();
  if (last.event !== 'finished') return failed(own ?? last.details?.platformCode ?? last.code);
  const { handover } = last;
  return { told: { outcome: 'read', handover }, left: { handover } };
}

/**
 * One entry after the other. The last try of a PIN is never used: that is for a person to agree to.
 * @returns the credentials, or the code with which the reading ends
 */
async function enterAll({ wanted, because }) {
  if (because === 'pin-last-try' || wanted.some(({ triesLeft }) => triesLeft <= 1)) {
    return { code: 'pin-last-try' };
  }
  const credentials = {};
  for (const each of wanted) {
    const entered = await enterDigits(each, because);
    if (entered === undefined) return { code: 'cancelled' };
    credentials[each.credential] = entered;
  }
  return { credentials };
}

/**
 * Digits by keys or by touch.
 * @returns undefined when the holder cancels, walks away, or takes the card
 */
async function enterDigits({ credential, triesLeft }, because) {
  const { label, digits } = entries[credential];
  const { promise, resolve: settle } = Promise.withResolvers();
  const giveUp = () => settle(undefined);
  let entered = '';
  const dots = element('p', { class: 'dots', role: 'img' });
  const note = element('p', { role: 'alert' });
  const warning = element('div', { class: 'warning', role: 'alert' });
  let timer;

  const draw = () => {
    dots.textContent = '●'.repeat(entered.length).padEnd(digits, '○');
    const counted = `${digits} 桁のうち ${entered.length} 桁`;
    dots.setAttribute('aria-label', counted);
    say(counted);
  };
  const touched = () => {
    clearTimeout(timer);
    warning.replaceChildren();
    timer = setTimeout(warn, idleMs);
  };
  const warn = () => {
    const seconds = Math.round(warningMs / 1000);
    warning.replaceChildren(
      paragraph([
        `あと ${seconds} 秒で最初の画面に戻ります`,
        `Back to the start in ${seconds} seconds`,
      ]),
      button(['続ける', 'Go on'], touched),
    );
    timer = setTimeout(giveUp, warningMs);
  };
  const press = (key) => {
    touched();
    if (key === 'clear') entered = '';
    else if (key === 'back') entered = entered.slice(0, -1);
    else if (key === 'next') return next();
    else if (entered.length < digits) entered += key;
    draw();
  };
  const next = () => {
    if (entered.length === digits) settle(entered);
    else note.replaceChildren(...both(`数字 ${digits} 桁です`, `${digits} digits`));
  };
  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = keys[event.key] ?? (/^\d$/.test(event.key) ? event.key : undefined);
    // Enter on a button presses that button.
    const isOnButton = key === 'next' && event.target instanceof HTMLButtonElement;
    if (key === undefined || isOnButton) return;
    event.preventDefault();
    if (key === 'cancel') giveUp();
    else press(key);
  };
  const look = setInterval(() => {
    void readerState().then((found) => {
      if (!found.code && !hasCard(found)) giveUp();
    });
  }, lookMs);
  abandon = giveUp;
  document.addEventListener('keydown', onKey);
  document.addEventListener('pointerdown', touched);

  draw();
  if (because) note.append(...both(...again(because)));
  show(
    heading(...label),
    warning,
    note,
    dots,
    triesLeft === undefined
      ? ''
      : paragraph([`残り ${triesLeft} 回まで入力できます`, `${triesLeft} tries left`]),
    numberPad(
      press,
      button(['次へ', 'Next'], () => press('next'), { class: 'main', type: 'button' }),
    ),
    button(['やめる', 'Cancel'], giveUp),
  );
  touched();
  try {
    return await promise;
  } finally {
    entered = '';
    clearTimeout(timer);
    clearInterval(look);
    document.removeEventListener('keydown', onKey);
    document.removeEventListener('pointerdown', touched);
    abandon = () => undefined;
    showReading();
  }
}

const keys = { Backspace: 'back', Escape: 'cancel', Enter: 'next' };

const again = (because) =>
  because === 'pin-wrong'
    ? ['違います。もう一度入力してください', 'Wrong. Enter it again']
    : ['もう一度入力してください', 'Enter it again'];

const showStart = () => {
  show(heading('カードを置いてください', 'Put your card on the reader'));
};

const showReading = () => {
  const title = heading('読み取っています', 'Reading');
  title.classList.add('wait');
  show(title, paragraph(['カードを動かさないでください。', 'Leave your card where it is.']));
};

const showCardBack = () => {
  show(heading('カードをお取りください', 'Take your card'));
};

function showOutcome({ code }) {
  const box = element('section', { class: code === undefined ? 'good' : 'bad' });
  if (code === undefined) {
    box.append(
      heading('受け付けました', 'Done'),
      paragraph(['カードをお取りください。', 'Take your card.']),
    );
  } else {
    const { general, holder } = textOf(code);
    box.append(heading(...general.title), paragraph(holder), codeLine(code));
  }
  show(box);
}

const stay = () => history.pushState('kiosk', '', location.href);

/** No way back to what another person saw, and none out of the page by its own means. */
function stayHere() {
  stay();
  addEventListener('popstate', () => {
    stay();
    abandon();
  });
  // A page that the browser kept while another was shown begins anew.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload();
  });
  addEventListener('contextmenu', (event) => event.preventDefault());
  addEventListener('keydown', (event) => {
    const isBack = event.altKey && (event.key === 'ArrowLeft' || event.key === 'ArrowRight');
    if (isBack || event.key === 'BrowserBack' || event.key === 'BrowserForward') {
      event.preventDefault();
    }
  });
}

const delay = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
