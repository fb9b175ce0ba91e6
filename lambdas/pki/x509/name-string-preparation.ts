import { DerReader, tag } from './der.ts';
import { toHex, toLatin1 } from './octets.ts';

/**
 * The prepared form in which two attribute values are compared (RFC 5280 §7.1, RFC 4518): case folded,
 * NFKC normalised, without leading and trailing spaces, inner spaces reduced to one, independent of the
 * string type. Other types, and values with an invalid encoding, are compared by octets.
 */
export function canonicalAttributeValue(value: Uint8Array): string {
  const text = decodeDirectoryString(value);
  return text === undefined ? `#${toHex(value)}` : `"${prepare(text)}`;
}

/** Whether a value is compared by octets, although another encoding may have the same meaning. */
export const isOpaque = (value: Uint8Array): boolean => decodeDirectoryString(value) === undefined;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeDirectoryString(value: Uint8Array): string | undefined {
  const content = new DerReader(value).content(-1);
  switch (value[0]) {
    case tag.printableString:
    case tag.ia5String:
    case tag.numericString:
    case tag.visibleString:
      return isAscii(content) ? toLatin1(content) : undefined;
    case tag.utf8String:
      return isAscii(content) ? toLatin1(content) : decodeUtf8(content);
    case tag.bmpString:
      return decodeCodePoints(content, 2);
    case tag.universalString:
      return decodeCodePoints(content, 4);
    // TeletexString is used with different character sets; RFC 5280 §7.1 allows comparison by octets.
    default:
      return undefined;
  }
}

function prepare(text: string): string {
  if (/^[!-@[-`a-z{-~]*$/.test(text)) return text;
  if (/^[ -~]*$/.test(text)) return text.toLowerCase().replaceAll(/ +/g, ' ').trim();
  return (
    text
      // RFC 4518 §2.2: characters that map to nothing, and those that map to a space.
      .replaceAll(/[\t\n\v\f\r\u0085]/g, ' ')
      .replaceAll(/[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u1806\uFFFC]/gu, '')
      // Upper case first, because lower case alone would not unify ß with SS.
      .toUpperCase()
      .toLowerCase()
      .replaceAll('ς', 'σ')
      .normalize('NFKC')
      .replaceAll(/\p{Z}+/gu, ' ')
      .trim()
  );
}

export const isUtf8 = (octets: Uint8Array, start = 0, end = octets.length): boolean =>
  isAscii(octets, start, end) || decodeUtf8(octets.subarray(start, end)) !== undefined;

export function isAscii(octets: Uint8Array, start = 0, end = octets.length): boolean {
  for (let i = start; i < end; i++) if (octets[i]! >= 0x80) return false;
  return true;
}

function decodeUtf8(octets: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(octets);
  } catch {
    return undefined;
  }
}

function decodeCodePoints(octets: Uint8Array, width: 2 | 4): string | undefined {
  if (octets.length % width !== 0) return undefined;
  let text = '';
  for (let i = 0; i < octets.length; i += width) {
    let point = 0;
    for (let k = 0; k < width; k++) point = point * 256 + octets[i + k]!;
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    text += String.fromCodePoint(point);
  }
  return text;
}
