import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { placesOfGuard } from './find-guard.ts';
import { guardedRooms } from './mutations.ts';

const pathOf = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

describe('the list of guards', () => {
  it('names code that stands once in its file', () => {
    const lost = guardedRooms
      .flatMap(({ mutations }) => mutations)
      .map((one) => ({
        guard: `${one.file}: ${one.find}`,
        times: placesOfGuard(readFileSync(pathOf(one.file), 'utf8'), one).length,
      }))
      .filter(({ times }) => times !== 1);
    expect(lost).toEqual([]);
  });

  it('names tests that exist', () => {
    const lost = guardedRooms.flatMap(({ tests }) => tests).filter((it) => !existsSync(pathOf(it)));
    expect(lost).toEqual([]);
  });
});
