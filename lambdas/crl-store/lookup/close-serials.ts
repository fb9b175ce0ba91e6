import type { PackedSerials } from '../format/packed-serials.ts';

/** Serials as numbers, in their order; those above six octets by their last six. */
export function serialNumbers({ bytes, starts, count }: PackedSerials): Float64Array {
  const values = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    let value = 0;
    const end = starts[n + 1]!;
    for (let at = Math.max(starts[n]!, end - 6); at < end; at++) value = value * 256 + bytes[at]!;
    values[n] = value;
  }
  return values;
}

/**
 * How many of the serials have another one of them within `distance` above. A register of people asks
 * for serials that lie thousands apart; who counts through them asks for neighbours, in whatever order.
 */
export function closeSerials(serials: Float64Array, distance: number): number {
  const values = serials.toSorted();
  let close = 0;
  for (let n = 1; n < values.length; n++) if (values[n]! - values[n - 1]! <= distance) close += 1;
  return close;
}
