import { readFile } from 'node:fs/promises';
import { fillBaseUrl, type Documentation } from '../http/documentation.ts';

/** The pages that the synthesis wrote beside the bundle of the function that shows them; read when first asked for. */
export function synthesisedDocumentation(
  file: URL = new URL('./documentation.json', import.meta.url),
): (baseUrl: string) => Promise<Documentation> {
  let read: Promise<Documentation> | undefined;
  return async (baseUrl) => {
    read ??= readFile(file, 'utf8').then((text) => JSON.parse(text) as Documentation);
    return fillBaseUrl(await read, baseUrl);
  };
}
