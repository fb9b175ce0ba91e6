/** In the order of the items; so many are worked on at once. The first failure rejects. */
export async function severalAtOnce<Item, Found>(
  items: readonly Item[],
  atOnce: number,
  look: (item: Item) => Promise<Found>,
): Promise<readonly Found[]> {
  const found: Found[] = Array.from({ length: items.length });
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      found[index] = await look(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return found;
}
