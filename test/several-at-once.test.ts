import { expect, it } from '@jest/globals';
import { severalAtOnce } from '../lambdas/several-at-once.ts';

const items = Array.from({ length: 10 }, (_, n) => n);
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

it('works on so many items at once, never more, and keeps their order', async () => {
  let working = 0;
  let most = 0;
  const found = await severalAtOnce(items, 3, async (item) => {
    most = Math.max(most, ++working);
    // Later items are ready earlier.
    for (let turns = item; turns < 10; turns++) await turn();
    working -= 1;
    return item * 2;
  });
  expect(found).toEqual(items.map((item) => item * 2));
  expect(most).toBe(3);
});

it('rejects with the first failure, and begins no further item', async () => {
  const begun: number[] = [];
  const failing = severalAtOnce(items, 2, async (item) => {
    begun.push(item);
    await turn();
    if (item === 1) throw new Error('item 1');
  });
  await expect(failing).rejects.toThrow('item 1');
  for (let turns = 0; turns < 20; turns++) await turn();
  expect(begun).toEqual([0, 1, 2]);
});

it('finds nothing of no items', async () => {
  expect(await severalAtOnce([], 3, () => Promise.reject(new Error('no item')))).toEqual([]);
});
