import { beforeAll } from '@jest/globals';
import { badAssertions } from './bad-assertions.ts';
import { badBodies } from './bad-bodies.ts';
import { badCards } from './bad-cards.ts';
import { badInputScene } from './bad-input-scene.ts';
import { badPaths } from './bad-paths.ts';
import { everyGoodCall } from './good-calls.ts';
import { badTokens } from './bad-tokens.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';

/** Every route's good call, and every kind of bad input on it: the right 4xx and code, nothing internal, and the next request works. */
export function badInput(platform: () => PlatformUnderTest): void {
  const scene = badInputScene(platform);
  beforeAll(() => scene.prepare());
  everyGoodCall(scene);
  badBodies(scene);
  badTokens(scene);
  badAssertions(scene);
  badCards(scene);
  badPaths(scene);
}
