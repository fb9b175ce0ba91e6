import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../reader/policies/', import.meta.url));
const files = readdirSync(folder);
const browsers = files.filter((file) => /^(edge|chrome)/.test(file));

it.each(browsers)('%s permits one origin, and no pattern of origins', (file) => {
  const text = readFileSync(folder + file, 'utf8');
  expect(text).toContain('LoopbackNetworkAllowedForUrls');
  expect([...text.matchAll(/https?:\/\/(?!www\.apple\.com)[^"<\s]+/g)].map(([url]) => url)).toEqual(
    ['https://platform.example'],
  );
  expect(text).not.toMatch(/[*]/);
});

it('the guides name every file', () => {
  for (const page of ['counter.md', 'counter.ja.md']) {
    const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
    expect([page, files.filter((file) => !text.includes(`reader/policies/${file}`))]).toEqual([
      page,
      [],
    ]);
  }
});
