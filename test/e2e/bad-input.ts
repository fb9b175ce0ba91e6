import { beforeAll } from '@jest/globals';
import { badAssertions } from './bad-assertions.ts';
import { badBodies } from './bad-bodies.ts';
import { badCards } from './bad-cards.ts';
import { badInputScene } from './bad-input-scene.ts';
import { badPaths } from './bad-paths.ts';
import { badTokens } from './bad-tokens.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';

/** Every kind of bad input on every route: the right 4xx and code, nothing internal, and the next request works. */
export function badInput(platform: () => PlatformUnderTest): void {
  const scene = badInputScene(platform);
  beforeAll(() => scene.prepare());
  badBodies(scene);
  badTokens(scene);
  badAssertions(scene);
  badCards(scene);
  badPaths(scene);
}
