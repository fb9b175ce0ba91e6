/** How a library system takes the number of a held card. */
export interface LoanLineFormat {
  /** `line`: the number alone, as a barcode reader types it. `csv`: time and number (RFC 4180). */
  readonly output: 'line' | 'csv';
  readonly suffix: 'enter' | 'tab' | 'none';
  readonly encoding: 'utf-8' | 'shift_jis';
}

const suffixes = { enter: '\r\n', tab: '\t', none: '' } as const;

/**
 * The octets that a library system gets for one held card.
 * @param heldAt milliseconds since 1970; written in UTC
 * @throws RangeError if the number has a character that the encoding lacks: it is never replaced
 */
export function loanLine(
  userNumber: string,
  heldAt: number,
  { output, suffix, encoding }: LoanLineFormat,
): Uint8Array {
  const text =
    output === 'line'
      ? userNumber + suffixes[suffix]
      : `${new Date(heldAt).toISOString()},${csvField(userNumber)}\r\n`;
  return encoding === 'utf-8' ? Buffer.from(text, 'utf8') : encodeShiftJis(text);
}

/**
 * RFC 4180 §2. A leading character that spreadsheets take for a formula is refused by no library
 * system and left as it is, in quotation marks.
 */
const csvField = (text: string): string =>
  /[",\r\n=+@-]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

let shiftJis: ReadonlyMap<string, readonly number[]> | undefined;

function encodeShiftJis(text: string): Uint8Array {
  shiftJis ??= invertShiftJis();
  const octets: number[] = [];
  for (const character of text) {
    const code = shiftJis.get(character);
    if (code === undefined) throw new RangeError('the number has a character outside Shift_JIS');
    octets.push(...code);
  }
  return Uint8Array.from(octets);
}

/** The decoder of the Encoding Standard, inverted: one table, and the same one as browsers have. */
function invertShiftJis(): ReadonlyMap<string, readonly number[]> {
  const decoder = new TextDecoder('shift_jis', { fatal: true });
  const codes = new Map<string, readonly number[]>();
  const add = (...octets: readonly number[]): void => {
    try {
      const character = decoder.decode(Uint8Array.from(octets));
      if (Array.from(character).length === 1 && !codes.has(character)) codes.set(character, octets);
    } catch {
      // No character has this code.
    }
  };
  for (let octet = 0; octet < 256; octet++) add(octet);
  for (let lead = 0x81; lead <= 0xfc; lead++) {
    for (let trail = 0x40; trail <= 0xfc; trail++) add(lead, trail);
  }
  return codes;
}
