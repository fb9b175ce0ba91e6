/** The platform's answer on standard output: as JSON, or as `text`. */
export function printAnswer(
  { json }: { readonly json: boolean },
  answer: object,
  text: string,
): void {
  console.log(json ? JSON.stringify(answer, null, 2) : text);
}

/** A labelled line of such a text; none without a value. */
export const row = (label: string, value: string | number | undefined): readonly string[] =>
  value === undefined ? [] : [`${label.padEnd(13)}${value}`];
