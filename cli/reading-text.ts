import { cures, type ReaderCode } from '../reader/core/codes.ts';
import { textOf, type Bilingual } from '../lambdas/capabilities/reading-screen/screen-texts.ts';

/**
 * What staff do at a code with which a reading ends, as the reading screen says it: the reader's own
 * cure, or what the platform's code means and what follows from it.
 * @returns undefined for a code that no reading ends with
 */
export function staffText(code: string): Bilingual | undefined {
  const found = textOf(code);
  if (found === undefined) return undefined;
  if (Object.hasOwn(cures, code)) {
    const { ja, en } = cures[code as ReaderCode];
    return [ja, en];
  }
  const { situation, text } = found;
  return [
    `${situation.title[0]}。${text.staff[0]}${situation.staff[0]}`,
    `${situation.title[1]}. ${text.staff[1]} ${situation.staff[1]}`,
  ];
}

/** What the holder does at a kiosk, where no staff reads the screen. */
export function holderText(code: string): Bilingual | undefined {
  const found = textOf(code);
  return found && (found.text.holder ?? found.situation.holder);
}
