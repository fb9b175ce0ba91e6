import { styleText } from 'node:util';

const styles = ['bold', 'dim', 'green', 'red', 'cyan'] as const;
export type Paint = Readonly<Record<(typeof styles)[number], (text: string) => string>>;

/** Colours, or the plain text where colour is not wanted. */
export const paint = (colour: boolean): Paint =>
  Object.fromEntries(
    styles.map((style) => [
      style,
      (text: string) => (colour ? styleText(style, text, { validateStream: false }) : text),
    ]),
  ) as unknown as Paint;

/** Colour only on a terminal, and never where NO_COLOR is set (no-color.org). */
export const wantsColour = (
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean => stream.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
