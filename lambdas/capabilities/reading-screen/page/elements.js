/** The parts of a screen. */
const main = document.querySelector('main');
const live = document.querySelector('#live');

/** Replaces everything that was shown before. */
export function show(...parts) {
  main.replaceChildren(...parts);
  const title = main.querySelector('h1');
  say(title.textContent);
  title.focus();
}

/** For screen readers. */
export function say(text) {
  live.textContent = text;
}

export function heading(ja, en) {
  const title = element('h1', { tabindex: -1 });
  title.append(...both(ja, en));
  return title;
}

export function paragraph([ja, en], attributes) {
  const shown = element('p', attributes);
  shown.append(...both(ja, en));
  return shown;
}

export function button([ja, en], onClick, attributes = { type: 'button' }) {
  const made = element('button', attributes);
  made.append(...both(ja, en));
  if (onClick) made.addEventListener('click', onClick);
  return made;
}

/** The code of a failure, for whoever asks about it. */
export function codeLine(code) {
  const named = element('p', { class: 'code' });
  named.textContent = code;
  return named;
}

/** Japanese, then English, each in its own language for screen readers. */
export function both(ja, en) {
  const english = element('span', { lang: 'en' });
  english.textContent = en;
  return [ja, english];
}

export function element(name, attributes = {}) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
