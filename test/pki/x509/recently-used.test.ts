import { describe, expect, it } from '@jest/globals';
import { RecentlyUsed } from '../../../lambdas/pki/x509/recently-used.ts';

const filled = (count: number, entries: number): RecentlyUsed<number> => {
  const recent = new RecentlyUsed<number>(count);
  for (let n = 0; n < entries; n++) recent.set(`entry ${n}`, n);
  return recent;
};

describe('the cache of recently used values', () => {
  it('keeps the last entries', () => {
    const recent = filled(3, 100);
    for (const n of [97, 98, 99]) expect(recent.get(`entry ${n}`)).toBe(n);
  });

  it('keeps at most twice as many', () => {
    const recent = filled(3, 100);
    expect(Array.from({ length: 94 }, (_, n) => recent.get(`entry ${n}`))).toEqual(
      Array.from({ length: 94 }),
    );
  });

  it('keeps an entry that is used repeatedly', () => {
    const recent = filled(3, 1);
    for (let n = 1; n < 100; n++) {
      recent.set(`entry ${n}`, n);
      expect(recent.get('entry 0')).toBe(0);
    }
  });
});
