import { both, button, element, heading, show } from './elements.js';
import { pair } from './reader-program.js';

/**
 * Asks for the code that the reader program shows.
 * @returns once the page is paired
 */
export function askPairing() {
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
  const send = button(['つなぐ', 'Pair'], undefined, { class: 'main', type: 'submit' });
  form.append(label, input, note, send);
  show(
    heading('この画面と読み取りソフトをつなぎます', 'Pair this screen with the reader program'),
    form,
  );
  input.focus();
  return new Promise((resolve, reject) => {
    form.addEventListener('submit', (submitted) => {
      submitted.preventDefault();
      pair(input.value).then((refused) => {
        if (refused === undefined) return resolve();
        note.replaceChildren(...both(refused.cure.ja, refused.cure.en));
        input.focus();
      }, reject);
    });
  });
}
