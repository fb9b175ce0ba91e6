import type { PackedSerials } from '../format/packed-serials.ts';

/**
 * How many of the serials have another one of them within `distance` above. A register of people asks
 * for serials that lie thousands apart; who counts through them asks for neighbours, in whatever order.
 * Serials above six octets are compared by their last six.
 */
export function closeSerials({ bytes, starts, count }: PackedSerials, distance: number): number {
  const values = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    let value = 0;
    const end = starts[n + 1]!;
    for (let at = Math.max(starts[n]!, end - 6); at < end; at++) value = value * 256 + bytes[at]!;
    values[n] = value;
  }
  values.sort();
  let close = 0;
  for (let n = 1; n < count; n++) if (values[n]! - values[n - 1]! <= distance) close += 1;
  return close;
}
