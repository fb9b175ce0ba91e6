import { readFileSync } from 'node:fs';
import type { ScreenFiles } from './screen-page.ts';

/** The sources of the screen, for the synthesis and for tests. */
export const screenFiles = (): ScreenFiles => ({
  script: read('screen.js'),
  style: read('screen.css'),
});

const read = (name: string): string =>
  readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8');
