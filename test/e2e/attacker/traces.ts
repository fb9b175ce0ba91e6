import { inBase64 } from '../in-base64.ts';
import type { Piece } from './places.ts';

/** Something that must not be found, or only where `mayStand` says. */
export interface Secret {
  /** What it is, for the failure's text. */
  readonly what: string;
  readonly forms: readonly Buffer[];
  readonly mayStand?: (piece: Piece) => boolean;
}

/** `what` in `place`. */
export const found = (secrets: readonly Secret[], pieces: readonly Piece[]): readonly string[] => [
  ...new Set(
    secrets.flatMap(({ what, forms, mayStand = () => false }) =>
      pieces
        .filter((piece) => !mayStand(piece) && forms.some((form) => piece.octets.includes(form)))
        .map(({ kind, place, label }) => `${what} in ${kind} ${place}: ${label}`),
    ),
  ),
];

/** A text as it is, in JSON, in hexadecimal, in base64 and base64url. */
export const textForms = (text: string): readonly Buffer[] =>
  [
    ...new Set([
      text,
      JSON.stringify(text).slice(1, -1),
      encodeURIComponent(text),
      Buffer.from(text).toString('hex'),
      ...inBase64(Buffer.from(text)),
    ]),
  ].map((form) => Buffer.from(form));

/** A serial number as APIs, lists and DER write it. @param hex an even number of digits */
export const serialForms = (hex: string): readonly Buffer[] => [
  Buffer.from(hex.toLowerCase()),
  Buffer.from(hex.toUpperCase()),
  Buffer.from(BigInt(`0x${hex}`).toString()),
  // INTEGER; shorter octets stand in random ones by chance.
  Buffer.concat([Buffer.from([2, hex.length / 2]), Buffer.from(hex, 'hex')]),
];

/**
 * The words of eight characters and more in what a service received: of JSON every scalar, of a text
 * (a challenge, a URL, a line of CSV) every part. Not those without a digit, which are words of the
 * contract (`certificateHold`), and not days: events and changes are told by the day.
 */
export function wordsIn(value: unknown): readonly string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(wordsIn);
  const text = String(value);
  return [...new Set([text, ...text.split(/[\s=&?,;/"]+/)])].filter(
    (word) => word.length >= 8 && /\d/.test(word) && !/^[\d-]{10}T00:00:00Z$/.test(word),
  );
}
