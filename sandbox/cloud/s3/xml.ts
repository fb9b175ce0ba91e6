const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const unescapes: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

/** An element with text content. */
export const element = (name: string, value: string): string =>
  `<${name}>${escaped(value)}</${name}>`;

export const escaped = (value: string): string =>
  value.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? character);

/** The contents of every element of that name, in the flat documents that S3 clients send. */
export const elements = (document: string, name: string): string[] =>
  [...document.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(
    (match) => match[1] ?? '',
  );

export const textOf = (document: string, name: string): string | undefined =>
  elements(document, name)[0]
    ?.replaceAll(/&#(?:x([\da-f]+)|(\d+));/gi, (_, hex?: string, decimal?: string) =>
      String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
    )
    .replaceAll(/&(?:amp|lt|gt|quot|apos);/g, (entity) => unescapes[entity] ?? entity);
