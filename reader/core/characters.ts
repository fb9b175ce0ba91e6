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
  /** Placeholder for a character that could not be written: 〓, U+FFFD, ●. */
  | 'placeholder'
  | 'control'
  | 'unassigned';

const placeholders: readonly string[] = ['〓', '\uFFFD', '●', '■'];

/**
 * Reports such characters without changing the text.
 *
 * @param flags one digit per character, 0 unless it is a substitute, as in the signature
 *   certificate's otherNames `1.2.392.200149.8.5.5.2` and `.6`
 */
export function remarksOn(
  field: CharacterRemark['field'],
  text: string,
  flags = '',
): readonly CharacterRemark[] {
  return Array.from(text).flatMap((character, position) =>
    kindsOf(character, flags[position]).map((remark) => ({
      field,
      position,
      codePoint: `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`,
      remark,
    })),
  );
}

function kindsOf(character: string, flag: string | undefined): readonly CharacterRemarkKind[] {
  const kinds: CharacterRemarkKind[] = [];
  if (flag !== undefined && flag !== '0') kinds.push('substituted');
  if (/\p{Variation_Selector}/u.test(character)) kinds.push('variation-selector');
  else if (/\p{Co}/u.test(character)) kinds.push('private-use');
  else if (/\p{Cc}|\p{Cf}/u.test(character)) kinds.push('control');
  else if (/\p{Cn}|\p{Cs}/u.test(character)) kinds.push('unassigned');
  else if (placeholders.includes(character)) kinds.push('placeholder');
  else if (character.codePointAt(0)! > 0xffff) kinds.push('supplementary');
  return kinds;
}
