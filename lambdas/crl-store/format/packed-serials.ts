import { reasonName } from './page-codec.ts';
import type { RevokedEntry } from '../lookup/stored-lists.ts';

/** Serial numbers (content octets of the INTEGER) in one buffer, without an object for each. */
export interface PackedSerials {
  readonly bytes: Uint8Array;
  /** Serial n is `bytes[starts[n]]` to `bytes[starts[n + 1]]`. */
  readonly starts: Uint32Array;
  readonly count: number;
}

/** Results of a lookup, in the order of the serial numbers. */
export interface PackedEntries {
  /** revocationDate in seconds since 1970; NaN: not on the CRL. */
  readonly seconds: Float64Array;
  /** CRLReason. */
  readonly reasons: Uint8Array;
}

export function packSerials(serials: readonly Uint8Array[]): PackedSerials {
  const starts = new Uint32Array(serials.length + 1);
  for (const [n, serial] of serials.entries()) starts[n + 1] = starts[n]! + serial.length;
  const bytes = new Uint8Array(starts[serials.length]!);
  for (const [n, serial] of serials.entries()) bytes.set(serial, starts[n]);
  return { bytes, starts, count: serials.length };
}

export const notListed = (count: number): PackedEntries => ({
  seconds: new Float64Array(count).fill(Number.NaN),
  reasons: new Uint8Array(count),
});

/** One entry for each serial number; undefined: not on the CRL. */
export function unpackEntries({
  seconds,
  reasons,
}: PackedEntries): readonly (RevokedEntry | undefined)[] {
  return Array.from(seconds, (second, n) =>
    Number.isNaN(second)
      ? undefined
      : { revokedAt: second * 1000, reason: reasonName(reasons[n]!) },
  );
}
