import type { Cure } from './codes.ts';

/** A character that a screen, a printer or another system may display differently from the card. */
export interface CharacterRemark {
  readonly field: 'name' | 'address';
  /** Counted in characters (code points) from 0. */
  readonly position: number;
  /** `U+` and four to six hexadecimal digits. */
  readonly codePoint: string;
  readonly remark: CharacterRemarkKind;
}

export type CharacterRemarkKind =
  /** The issuer substituted another character for the registered one. */
  | 'substituted'
  /** Selects the glyph of the preceding character (Unicode §23.4). */
  | 'variation-selector'
  /** 外字: private-use character, whose glyph is defined by private agreement. */
  | 'private-use'
  /** Outside the Basic Multilingual Plane: missing in old systems and fonts. */
  | 'supplementary'
  /** Becomes another character in a system that normalises (UAX #15), as CJK compatibility ideographs. */
  | 'compatibility'
  /** Is displayed together with the character before it. */
  | 'combining'
  /** Stands for a character that could not be written: 〓, U+FFFD, ●. */
  | 'placeholder'
  /** Invisible: a control or format character. */
  | 'control'
  | 'unassigned';

const placeholders: readonly string[] = ['〓', '\uFFFD', '●', '■', '□'];

/**
 * Reports such characters without changing the text.
 *
 * @param flags one digit per character, 0 unless it is a substitute, as in the signature
 *   certificate's otherNames `1.2.392.200149.8.5.5.2` and `.6`. If they are not as many as the
 *   characters and one of them is set, every character may be the substitute and is reported.
 */
export function remarksOn(
  field: CharacterRemark['field'],
  text: string,
  flags = '',
): readonly CharacterRemark[] {
  const characters = Array.from(text);
  const isAnySubstituted = flags.length !== characters.length && /[^0]/.test(flags);
  return characters.flatMap((character, position) =>
    kindsOf(character, isAnySubstituted || !'0'.includes(flags[position] ?? '')).map((remark) => ({
      field,
      position,
      codePoint: `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`,
      remark,
    })),
  );
}

function kindsOf(character: string, isSubstituted: boolean): readonly CharacterRemarkKind[] {
  const kinds: CharacterRemarkKind[] = [];
  if (isSubstituted) kinds.push('substituted');
  if (/\p{Variation_Selector}/u.test(character)) kinds.push('variation-selector');
  else if (/\p{Co}/u.test(character)) kinds.push('private-use');
  else if (/\p{Cc}|\p{Cf}/u.test(character)) kinds.push('control');
  else if (/\p{Cn}|\p{Cs}/u.test(character)) kinds.push('unassigned');
  else if (/\p{M}/u.test(character)) kinds.push('combining');
  else if (placeholders.includes(character)) kinds.push('placeholder');
  else {
    if (character.codePointAt(0)! > 0xffff) kinds.push('supplementary');
    if (character.normalize('NFC') !== character) kinds.push('compatibility');
  }
  return kinds;
}

/** What staff do about such a character. */
export const characterAdvice: Readonly<Record<CharacterRemarkKind, Cure>> = {
  substituted: {
    en: 'Stands in for the registered character. Compare with the residence record and enter the registered one.',
    ja: '登録された字の代わりの字です。住民票の字と比べ、登録された字で入力してください。',
  },
  'variation-selector': {
    en: 'Selects the form of the character before it. Compare that form with the card after it was handed on.',
    ja: '直前の字の字形（異体字）を指定しています。対応しないシステムでは字形が変わります。渡した先の字形を券面と比べてください。',
  },
  'private-use': {
    en: 'Defined by private agreement (gaiji): may look blank or like another character here. Enter it from the face of the card.',
    ja: '外字です。ここでは空白や別の字に見えることがあります。券面の字を見て入力してください。',
  },
  supplementary: {
    en: 'Missing in old systems and fonts. Compare with the card after it was handed on; if it cannot be entered, follow your rules for substitutes.',
    ja: '古いシステムやフォントにない字です。渡した先の字を券面と比べ、入力できないときは代わりの字の決まりに従ってください。',
  },
  compatibility: {
    en: 'Some systems turn it into another form of the character. Compare with the card after it was handed on.',
    ja: '互換漢字などです。システムによっては別の字体に変わります。渡した先の字を券面と比べてください。',
  },
  combining: {
    en: 'Is displayed together with the character before it. Compare both with the card.',
    ja: '直前の字に重ねて表示する記号です。合わせた字を券面と比べてください。',
  },
  placeholder: {
    en: 'Stands for a character that could not be written. Enter that character from the face of the card and the holder.',
    ja: '書けなかった字の代わりの記号です。券面を見て本人に確かめ、元の字を入力してください。',
  },
  control: {
    en: 'Invisible, and may change the order of what is shown. Compare the whole field with the card and report it.',
    ja: '目に見えない文字です。表示の順序が変わることもあります。項目の全体を券面と比べ、報告してください。',
  },
  unassigned: {
    en: 'Unknown to this program, shown as a box or blank. Enter it from the face of the card.',
    ja: 'このソフトの知らない文字で、□や空白に見えます。券面の字を見て入力してください。',
  },
};
