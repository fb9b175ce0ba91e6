import { describe, expect, it } from '@jest/globals';
import {
  label,
  myKeyIdAsWritten,
  name,
  userNumber,
} from '../../../../lambdas/platform/http/schemas/field-formats.ts';
import { withCheckCharacter } from '../../../../lambdas/people/my-key-id.ts';

const fields = { name: name('a name'), label: label('a label'), userNumber };

describe.each(Object.entries(fields))('the rule for text: %s', (_field, schema) => {
  it.each([
    ['half of a surrogate pair', 'A\ud83d'],
    ['the other half', '\ude00A'],
    ['a right-to-left override', 'A\u202eB'],
    ['a left-to-right isolate', 'A\u2066B'],
    ['an Arabic letter mark', 'A\u061cB'],
    ['a zero-width space', 'A\u200bB'],
    ['a soft hyphen', 'A\u00adB'],
    ['a byte order mark', 'A\ufeffB'],
    ['an interlinear annotation', 'A\ufff9B'],
    ['a NUL', 'A\0B'],
    ['a line end', 'A\nB'],
    ['a C1 control', 'A\u0085B'],
    ['nothing', ''],
  ])('refuses %s', (_what, text) => {
    expect(schema.safeParse(text).success).toBe(false);
  });

  it('takes Japanese text, emoji and rare characters, composed', () => {
    expect(schema.parse('か\u3099𠮷👍ﾔ-7')).toBe('が𠮷👍ﾔ-7');
  });
});

describe('a user number', () => {
  it.each([' A1', 'A1 ', 'A 1', 'A\u30001', 'A\u00a01', 'A\ue000', 'A\u{f0000}', 'A\u{e0041}'])(
    'has no blank and no private character: %j',
    (text) => {
      expect(userNumber.safeParse(text).success).toBe(false);
    },
  );
});

describe('a My Key ID as people write it', () => {
  const issued = withCheckCharacter('ABC2345');

  it.each([
    ['in small letters', issued.toLowerCase()],
    ['in two groups', `${issued.slice(0, 4)}-${issued.slice(4)}`],
    ['full-width, with a blank', `ＡＢＣ２ ${issued.slice(4)}`],
  ])('is read as its one spelling: %s', (_how, text) => {
    expect(myKeyIdAsWritten.parse(text)).toBe(issued);
  });

  it.each([
    ['one character is wrong', `D${issued.slice(1)}`],
    ['one is missing', issued.slice(1)],
    ['a control character is in it', `${issued}\0`],
    ['a direction character is in it', `${issued}\u202e`],
  ])('is refused where %s', (_what, text) => {
    expect(myKeyIdAsWritten.safeParse(text).success).toBe(false);
  });
});
