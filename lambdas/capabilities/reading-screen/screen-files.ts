import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { ScreenFiles } from './screen-page.ts';

const page = new URL('./page/', import.meta.url);

/** The script, of its modules, and the style sheet of the screen: for the synthesis and for tests. */
export function screenFiles(): ScreenFiles {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('screen.js', page))],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'error',
  });
  return {
    script: outputFiles[0]!.text,
    style: readFileSync(new URL('screen.css', page), 'utf8'),
  };
}
