import { button, element } from './elements.js';

/** What a holder can be asked for: its name, and its number of digits. */
export const entries = {
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

/** Why an entry is asked for again. */
export function whyAgain(code, wanted) {
  const left = wanted.map(({ triesLeft }) => triesLeft).find((tries) => tries !== undefined);
  if (code === 'pin-wrong')
    return [
      `違います。残り ${left ?? '?'} 回です。本人に確かめてください`,
      `Wrong. ${left ?? '?'} tries left: ask the holder`,
    ];
  if (code === 'pin-last-try') return ['残り 1 回です', 'One try is left'];
  return ['桁数が違います。回数は減っていません', 'Wrong number of digits; no try was used'];
}

/** Keys for touch: a digit, or `clear`, goes to `press`. The twelfth place is for another button. */
export function numberPad(press, twelfth = '') {
  const pad = element('div', { class: 'pad', role: 'group', 'aria-label': 'テンキー number pad' });
  const digit = (each) => {
    const key = element('button', { type: 'button' });
    key.textContent = each;
    key.addEventListener('click', () => press(each));
    return key;
  };
  const clear = button(['消す', 'Clear'], () => press('clear'));
  pad.append(...Array.from('123456789', digit), clear, digit('0'), twelfth);
  return pad;
}
