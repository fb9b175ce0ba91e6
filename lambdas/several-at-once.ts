/**
 * Looks at the items in their order, so many at once. The first failure rejects, and no further item is
 * begun.
 * @returns what was found of each, in the order of the items
 */
export async function severalAtOnce<Item, Found>(
  items: readonly Item[],
  atOnce: number,
  look: (item: Item) => Promise<Found>,
): Promise<readonly Found[]> {
  const found: Found[] = Array.from({ length: items.length });
  let next = 0;
  const worker = async (): Promise<void> => {
    try {
      for (let index = next++; index < items.length; index = next++) {
        found[index] = await look(items[index]!);
      }
    } catch (error) {
      next = items.length;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return found;
}
