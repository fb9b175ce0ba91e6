const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const shiftJis = new TextDecoder('shift_jis', { fatal: true });

/** Whether octets, read as Latin-1, are UTF-8. */
export function isUtf8(latin1: string): boolean {
  try {
    utf8.decode(Buffer.from(latin1, 'latin1'));
    return true;
  } catch {
    return false;
  }
}

/**
 * Decodes octets so far read as Latin-1: UTF-8, else Shift_JIS (used by Excel in Japan), else
 * unchanged. Both are supersets of ASCII here, so only non-ASCII text needs decoding.
 */
export function decodedText(latin1: string): string {
  // A JSON escape may have produced characters above U+00FF.
  if (!/[\x80-\xff]/.test(latin1) || /[^\0-\xff]/.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, 'latin1');
  for (const decoder of [utf8, shiftJis]) {
    try {
      return decoder.decode(bytes);
    } catch {
      // Try the next encoding.
    }
  }
  return latin1;
}

/**
 * Characters that some programs use as record separators and that no text row contains: C0 controls
 * except TAB, NEL, and U+2028 and U+2029 in UTF-8. Two records joined by one must not count as one
 * row.
 */
// oxlint-disable-next-line no-control-regex -- controls are what is looked for
export const foreignBreak = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2\x85|\xe2\x80[\xa8\xa9]/;
