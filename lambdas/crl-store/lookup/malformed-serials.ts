import { storeLimits } from '../limits.ts';
import { halfWidth, rowState, type ParsedSerials } from './parse-serials.ts';

/**
 * Why a value is no serial number. `serial-rounded`: it is what a spreadsheet shows in place of a long number,
 * or a JSON number; its digits may be lost.
 */
export type MalformedSerial = 'serial-malformed' | 'serial-rounded';

/** The advice for each reason, the cure first. */
export const malformedSerialCures: Readonly<Record<MalformedSerial, string>> = {
  'serial-malformed':
    'write each serial as hex digits, or state serialFormat: this is no serial number of up to 20 octets in that notation',
  'serial-rounded':
    'export the column again as text, and write serials in JSON as strings: the spreadsheet or a JSON number has rounded the number, and its digits are lost',
};

/** What Excel, LibreOffice and pandas show in place of a long number or of hyphened digits. */
const spreadsheetForms: readonly RegExp[] = [
  /^[+-]?\d+(?:[.,]\d*)?E[+-]?\d+$/i,
  /^[+-]?\d+[.,]\d+$/,
  // The column is too narrow, or the formula failed.
  /^#+$/,
  /^#(?:num!|value!|ref!|n\/a|name\?|null!|div\/0!)$/i,
  // Dates.
  /^\d{1,4}\/\d{1,2}(?:\/\d{1,4})?$/,
  /^\d{1,2}-[a-z]{3}(?:-\d{2,4})?$/i,
  /^(?:\d{2,4}年)?\d{1,2}月(?:\d{1,2}日)?$/,
];

/** The reason for a value that `readSerial` does not accept. */
export function whyMalformed(value: unknown): MalformedSerial {
  if (typeof value === 'number') return 'serial-rounded';
  if (typeof value !== 'string' || value.length > storeLimits.serialCharacters) {
    return 'serial-malformed';
  }
  const plain = halfWidth(value).trim();
  return spreadsheetForms.some((form) => form.test(plain)) ? 'serial-rounded' : 'serial-malformed';
}

/** How many values are malformed for one reason, and the position of the first, from 0. */
export interface MalformedSerials {
  readonly code: MalformedSerial;
  readonly rows: number;
  readonly first: number;
}

/** In the order of the first value of each reason. */
export function countMalformed(
  serials: readonly unknown[],
  { states }: Pick<ParsedSerials, 'states'>,
): readonly MalformedSerials[] {
  const counts = new Map<MalformedSerial, { code: MalformedSerial; rows: number; first: number }>();
  for (let row = states.indexOf(rowState.malformed); row >= 0;) {
    const code = whyMalformed(serials[row]);
    const count = counts.get(code);
    if (count === undefined) counts.set(code, { code, rows: 1, first: row });
    else count.rows += 1;
    row = states.indexOf(rowState.malformed, row + 1);
  }
  return [...counts.values()];
}
