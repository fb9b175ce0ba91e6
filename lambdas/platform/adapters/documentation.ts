import { readFile } from 'node:fs/promises';
import {
  fillJson,
  fillPage,
  type Documentation,
  type PublishedDocumentation,
} from '../http/documentation.ts';

/**
 * Reads the documentation files that the synthesis wrote next to the function's bundle, on first
 * use. `folder` ends with a slash.
 */
export function synthesisedDocumentation(
  folder: URL = new URL('./', import.meta.url),
): PublishedDocumentation {
  const texts = new Map<string, Promise<string>>();
  const text = (file: string): Promise<string> => {
    const read = texts.get(file) ?? readFile(new URL(file, folder), 'utf8');
    texts.set(file, read);
    return read;
  };
  let parsed: Promise<Documentation> | undefined;
  const documentation = (): Promise<Documentation> =>
    (parsed ??= text('documentation.json').then((json) => JSON.parse(json) as Documentation));
  return {
    openapi: async (baseUrl) => fillJson((await documentation()).openapi, baseUrl),
    page: async (path, baseUrl) => {
      const { pages } = await documentation();
      const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
      return page && fillPage(page, baseUrl);
    },
    file: text,
  };
}
