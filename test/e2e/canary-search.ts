import { gunzipSync } from 'node:zlib';
import { inBase64 } from './in-base64.ts';

/** Where a secret was found, and how it was written there. */
export interface Leak {
  readonly secret: string;
  readonly encoding: string;
}

/** One way to write a secret, and the view of a file in which it is looked for. */
interface Form {
  readonly encoding: string;
  readonly text: string;
  readonly view: keyof Views;
}

/** A file as text, one character for each octet. */
interface Views {
  readonly raw: string;
  /** Without white space, as base64 that is broken into lines. */
  readonly unbroken: string;
  /** In lower case, without white space and colons, and with one backslash where there are several. */
  readonly plain: string;
}

/**
 * Finds secrets in what was kept or logged: as text of several encodings, those again in base64,
 * base64url, hex, decimal and percent-encoding, and in the escapes of JSON (also JSON within JSON),
 * HTML and quoted-printable. A gzip file is opened.
 *
 * @param secrets texts that stand nowhere but in the test, of eight octets at least
 */
export function findLeaks(file: Uint8Array, secrets: readonly string[]): readonly Leak[] {
  const views = viewsOf(unpacked(file));
  return secrets.flatMap((secret) => {
    const found = formsOf(secret).filter(({ text, view }) => views[view].includes(text));
    return [...new Set(found.map(({ encoding }) => encoding))].map((encoding) => ({
      secret,
      encoding,
    }));
  });
}

/**
 * Finds a PIN of four digits, which as digits alone stand in many numbers: in quotation marks, after a
 * word that ends in "pin" or an equals sign, or in the command that carries it to the card.
 */
export function findPin(file: Uint8Array, pin: string): readonly Leak[] {
  const octets = unpacked(file);
  const text = octets.toString('latin1').replaceAll('\\', '');
  const asValue = new RegExp(
    `["'=]${pin}["'&\\s]|%22${pin}%22|pin[^a-z0-9]{1,8}${pin}(?!\\d)`,
    'i',
  );
  // VERIFY (ISO/IEC 7816-4) of four digits.
  const command = Buffer.concat([Buffer.from('0020008004', 'hex'), Buffer.from(pin)]);
  const views = viewsOf(octets);
  const inCommand = octetForms('VERIFY', command).filter(({ text: form, view }) =>
    views[view].includes(form),
  );
  const encodings = [
    ...(asValue.test(text) ? ['value'] : []),
    ...inCommand.map(({ encoding }) => encoding),
  ];
  return [...new Set(encodings)].map((encoding) => ({ secret: pin, encoding }));
}

/** The character encodings in which a text may have been written. */
export function octetsOf(secret: string): ReadonlyMap<string, Buffer> {
  const utf8 = Buffer.from(secret, 'utf8');
  const utf16 = Buffer.from(secret, 'utf16le');
  return new Map([
    ['utf-8', utf8],
    // UTF-8 that was taken for Latin-1 and encoded again.
    ['utf-8 twice', Buffer.from(utf8.toString('latin1'), 'utf8')],
    ['utf-16le', utf16],
    ['utf-16be', Buffer.from(utf16).swap16()],
    ...(['shift_jis', 'euc-jp'] as const).flatMap((name): [string, Buffer][] => {
      const octets = encoded(secret, name);
      return octets === undefined ? [] : [[name, octets]];
    }),
  ]);
}

/** Escapes of characters, by their names. */
export const escapes: Readonly<Record<string, (secret: string) => string>> = {
  'JSON escapes': (secret) =>
    Array.from(
      { length: secret.length },
      (_, at) => String.raw`\u${secret.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  'HTML, hexadecimal': (secret) =>
    Array.from(secret, (one) => `&#x${one.codePointAt(0)!.toString(16)};`).join(''),
  'HTML, decimal': (secret) => Array.from(secret, (one) => `&#${one.codePointAt(0)};`).join(''),
};

function formsOf(secret: string): readonly Form[] {
  const cached = known.get(secret);
  if (cached) return cached;
  const forms: readonly Form[] = [
    ...[...octetsOf(secret)].flatMap(([name, octets]) => octetForms(name, octets)),
    ...Object.entries(escapes).map(([encoding, escape]) => ({
      encoding,
      text: escape(secret),
      view: 'plain' as const,
    })),
  ];
  known.set(secret, forms);
  return forms;
}

const known = new Map<string, readonly Form[]>();

function octetForms(name: string, octets: Buffer): readonly Form[] {
  const hex = octets.toString('hex');
  const pairs = hex.match(/../g)!;
  const plain = (kind: string, text: string): Form => ({
    encoding: `${name}, ${kind}`,
    text,
    view: 'plain',
  });
  return [
    { encoding: name, text: octets.toString('latin1'), view: 'raw' },
    ...inBase64(octets).map((text) => ({
      encoding: `${name}, base64`,
      text,
      view: 'unbroken' as const,
    })),
    plain('hex', hex),
    plain('decimal', octets.join(',')),
    plain('percent', pairs.map((pair) => `%${pair}`).join('')),
    plain('percent', [...octets].map((octet) => percent(octet)).join('')),
    plain('quoted-printable', pairs.map((pair) => `=${pair}`).join('')),
  ];
}

/** Unreserved characters (RFC 3986 §2.3) stay as they are. */
const percent = (octet: number): string => {
  const character = String.fromCharCode(octet);
  return /[\w.~-]/.test(character)
    ? character.toLowerCase()
    : `%${octet.toString(16).padStart(2, '0')}`;
};

function unpacked(file: Uint8Array): Buffer {
  const octets = Buffer.from(file);
  return octets[0] === 0x1f && octets[1] === 0x8b ? gunzipSync(octets) : octets;
}

function viewsOf(octets: Buffer): Views {
  const raw = octets.toString('latin1');
  return {
    raw,
    // A line end within JSON is written as an escape.
    unbroken: raw.replaceAll(/\\+[nr]|\s/g, ''),
    plain: raw.toLowerCase().replaceAll(/[\s:]/g, '').replaceAll(/\\+/g, '\\'),
  };
}

/** Undefined where the encoding lacks a character. */
function encoded(text: string, name: 'shift_jis' | 'euc-jp'): Buffer | undefined {
  let table = tables.get(name);
  if (!table) tables.set(name, (table = inverted(name)));
  const codes = Array.from(text, (character) => table.get(character));
  return codes.every((code) => code !== undefined) ? Buffer.concat(codes) : undefined;
}

const tables = new Map<string, ReadonlyMap<string, Buffer>>();

/** The decoder of the Encoding Standard, inverted; codes of one and two octets. */
function inverted(name: string): ReadonlyMap<string, Buffer> {
  const decoder = new TextDecoder(name);
  const codes = new Map<string, Buffer>();
  for (let lead = 0; lead < 256; lead++) {
    for (const code of [
      Buffer.of(lead),
      ...Array.from({ length: 256 }, (_, trail) => Buffer.of(lead, trail)),
    ]) {
      const character = decoder.decode(code);
      const isOne = Array.from(character).length === 1 && character !== '\uFFFD';
      if (isOne && !codes.has(character)) codes.set(character, code);
    }
  }
  return codes;
}
