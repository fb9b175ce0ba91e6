const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const shiftJis = new TextDecoder('shift_jis', { fatal: true });

/**
 * Text of bytes that were taken as Latin-1 so far: UTF-8, else Shift_JIS (Excel in Japan), else as it
 * is. Both keep ASCII, so only what is not ASCII has to be decoded.
 */
export function decodedText(latin1: string): string {
  // A JSON escape may have given characters that no byte is.
  if (!/[\x80-\xff]/.test(latin1) || /[^\0-\xff]/.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, 'latin1');
  for (const decoder of [utf8, shiftJis]) {
    try {
      return decoder.decode(bytes);
    } catch {
      // The next encoding.
    }
  }
  return latin1;
}

/**
 * Characters that some programs end a record with, and no row of text holds: C0 controls but TAB, NEL,
 * U+2028 and U+2029 in UTF-8. Two records that they join must not pass for one.
 */
// oxlint-disable-next-line no-control-regex -- controls are what is looked for
export const foreignBreak = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2\x85|\xe2\x80[\xa8\xa9]/;
