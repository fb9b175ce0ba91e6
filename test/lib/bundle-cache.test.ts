import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cachedBundle } from '../../lib/constructs/bundle-cache.ts';

let root: string;
let made: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'my-key-bundle-cache-'));
  mkdirSync(join(root, 'source/inner'), { recursive: true });
  writeFileSync(join(root, 'source/inner/entry.ts'), 'one');
  writeFileSync(join(root, 'lock.json'), '{}');
  made = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = (change: { settings?: string; input?: string } = {}) =>
  cachedBundle(
    join(root, 'cache'),
    {
      root,
      parts: ['source'],
      lockFile: join(root, 'lock.json'),
      settings: change.settings ?? 'minify',
    },
    () => {
      made++;
      return {
        files: [{ path: 'login/index.mjs', contents: Buffer.from(`bundle ${made}`) }],
        inputs: {
          [change.input ?? join(root, 'source/inner/entry.ts')]: { bytes: 3, imports: [] },
          [join(root, 'node_modules/jose/index.js')]: { bytes: 3, imports: [] },
        },
      };
    },
  ).map(({ path, contents }) => `${path}: ${Buffer.from(contents).toString()}`);

describe('the cache of bundles', () => {
  it('bundles the same sources once', () => {
    expect([read(), read()]).toEqual([
      ['login/index.mjs: bundle 1'],
      ['login/index.mjs: bundle 1'],
    ]);
    expect(readdirSync(join(root, 'cache'))).toHaveLength(1);
  });

  it.each<[string, () => void]>([
    ['a source has other octets', () => writeFileSync(join(root, 'source/inner/entry.ts'), 'two')],
    ['a source is added', () => writeFileSync(join(root, 'source/inner/other.ts'), '')],
    [
      'a source has another name',
      () => {
        rmSync(join(root, 'source/inner/entry.ts'));
        writeFileSync(join(root, 'source/inner/entri.ts'), 'one');
      },
    ],
    ['the lock file changes', () => writeFileSync(join(root, 'lock.json'), '{"jose":"7"}')],
  ])('bundles again when %s', (_change, change) => {
    read();
    change();
    expect(read()).toEqual(['login/index.mjs: bundle 2']);
  });

  it('bundles the same sources once in two folders', () => {
    const first = root;
    read();
    root = mkdtempSync(join(tmpdir(), 'my-key-bundle-cache-'));
    cpSync(first, root, { recursive: true });
    expect(read()).toEqual(['login/index.mjs: bundle 1']);
    expect(made).toBe(1);
    rmSync(first, { recursive: true });
  });

  it('bundles again under other settings', () => {
    read();
    expect(read({ settings: 'plain' })).toEqual(['login/index.mjs: bundle 2']);
  });

  it('keeps a bundle for 14 days after its last use', () => {
    const age = (name: string, days: number): void => {
      const then = new Date(Date.now() - days * 86_400_000);
      utimesSync(join(root, 'cache', name), then, then);
    };
    const kept = () => readdirSync(join(root, 'cache'));
    read();
    const [first] = kept();
    age(first!, 13);
    read({ settings: 'plain' });
    expect(kept()).toHaveLength(2);

    age(first!, 15);
    read();
    read({ settings: 'third' });
    expect(kept()).toHaveLength(3);

    age(first!, 15);
    mkdirSync(join(root, 'cache/unfinished-abc'));
    age('unfinished-abc', 15);
    read({ settings: 'fourth' });
    expect(kept()).toHaveLength(3);
    expect(kept()).not.toContain(first);
    expect(kept()).not.toContain('unfinished-abc');
  });

  it('refuses a bundle with an input that its key does not cover', () => {
    const input = join(root, 'elsewhere.ts');
    expect(() => read({ input })).toThrow('elsewhere.ts');
    expect(() => read({ input })).toThrow('elsewhere.ts');
    expect(made).toBe(2);
  });
});
