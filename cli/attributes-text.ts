import type { BasicAttributes } from '../reader/core/attributes.ts';
import { characterAdvice, type CharacterRemark } from '../reader/core/characters.ts';

const sexes: Readonly<Record<string, string>> = {
  1: '男 male',
  2: '女 female',
  9: '適用不能 not applicable',
};

/**
 * The four attributes for a person, and every character that another screen may show differently, with
 * what staff do about it. No character is dropped; one that a terminal would obey is written as its
 * code point.
 */
export function attributesText(attributes: BasicAttributes): string {
  const { name, address, birthDate, sex, remarks } = attributes;
  const lines = [
    `氏名 name            ${visible(name)}`,
    `住所 address         ${visible(address)}`,
    `生年月日 birth date  ${visible(birthDate)}`,
    `性別 sex             ${visible(sex)}${Object.hasOwn(sexes, sex) ? ` ${sexes[sex]}` : ''}`,
  ];
  if (remarks.length === 0) return lines.join('\n');
  return [
    ...lines,
    '',
    '確かめる文字 characters to compare with the card:',
    ...remarks.flatMap((remark) => remarkLines(remark, attributes)),
  ].join('\n');
}

function remarkLines(
  { field, position, codePoint, remark }: CharacterRemark,
  attributes: BasicAttributes,
): readonly string[] {
  const characters = Array.from(attributes[field]);
  const character = visible(characters[position] ?? '');
  const label = field === 'name' ? '氏名' : '住所';
  const { ja, en } = characterAdvice[remark];
  return [
    `- ${label} ${position + 1}文字目 (${field}, character ${position + 1}): ${character} ${codePoint} ${remark}`,
    `  ${ja}`,
    `  ${en}`,
  ];
}

/** Control, format and unassigned characters by their code points. */
const visible = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cn}\p{Cs}]/gu,
    (character) => `<U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}>`,
  );
