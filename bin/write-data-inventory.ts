import { writeFileSync } from 'node:fs';
import { inventoryPage, readers } from '../lib/documentation/data-inventory.ts';

/** Writes `docs/data-inventory.md` and its Japanese page; format them afterwards (`npx oxfmt`). */
for (const [language, file] of [
  ['en', 'data-inventory.md'],
  ['ja', 'data-inventory.ja.md'],
] as const) {
  writeFileSync(new URL(`../docs/${file}`, import.meta.url), inventoryPage(language, readers));
}
