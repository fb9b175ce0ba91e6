import type { PackedSerials } from '../format/packed-serials.ts';

/** Serials as numbers, in their order, from position `from`; those above six octets by their last six. */
export function serialNumbers(serials: PackedSerials, from = 0): Float64Array {
  const values = new Float64Array(serials.count - from);
  for (let n = from; n < serials.count; n++) values[n - from] = numberAt(serials, n);
  return values;
}

function numberAt({ bytes, starts }: PackedSerials, n: number): number {
  let value = 0;
  const end = starts[n + 1]!;
  for (let at = Math.max(starts[n]!, end - 6); at < end; at++) value = value * 256 + bytes[at]!;
  return value;
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

/**
 * `closeSerials` of packed serials. Sorting 100,000 numbers takes longer than looking them up, so only
 * those are sorted that may have a neighbour: one in the same or an adjacent bucket of more than
 * `distance` numbers. Different buckets may share a place, which only adds serials to be sorted.
 */
export function closePackedSerials(serials: PackedSerials, distance: number): number {
  const { bytes, starts, count } = serials;
  const widthBits = 32 - Math.clz32(distance);
  // 16 places for each serial: by chance, one in six has a neighbour of another bucket.
  const mask = 2 ** Math.ceil(Math.log2(16 * (count + 1))) - 1;
  const held = new Uint8Array(mask + 1);
  const places = new Uint32Array(count);
  for (let n = 0; n < count; n++) {
    let low = 0;
    for (let at = starts[n]!; at < starts[n + 1]!; at++) low = (low << 8) | bytes[at]!;
    const place = (low >>> widthBits) & mask;
    places[n] = place;
    if (held[place]! < 2) held[place]! += 1;
  }
  const near = new Float64Array(count);
  let found = 0;
  for (let n = 0; n < count; n++) {
    const place = places[n]!;
    const besides = held[(place - 1) & mask]! + held[(place + 1) & mask]!;
    const others = held[place]! - 1 + besides;
    if (others > 0) near[found++] = numberAt(serials, n);
  }
  return closeSerials(near.subarray(0, found), distance);
}
