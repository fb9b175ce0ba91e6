import { describe, expect, it } from '@jest/globals';
import { packSerials } from '../../lambdas/crl-store/format/packed-serials.ts';
import {
  closePackedSerials,
  closeSerials,
  serialNumbers,
} from '../../lambdas/crl-store/lookup/close-serials.ts';

/** The content octets of an INTEGER, with as few octets as the value needs. */
function octetsOf(value: bigint): Uint8Array {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

const packed = (...values: readonly bigint[]) => packSerials(values.map(octetsOf));

describe('serials close to another one', () => {
  it.each([0n, 2n ** 32n - 40n, 2n ** 44n, 2n ** 47n - 40n])(
    'are counted as by sorting them, from %s on',
    (from) => {
      for (const [count, range] of [
        [3, 40],
        [200, 400],
        [200, 20_000],
        [2_000, 2_000_000],
      ] as const) {
        const values = new Set<bigint>();
        // The generator of POSIX.1's rand().
        for (let state = 1; values.size < count;) {
          state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
          values.add(from + BigInt((state >>> 1) % range));
        }
        const serials = packed(...values);
        for (const distance of [1, 15, 16, 17]) {
          const sorted = closeSerials(serialNumbers(serials), distance);
          expect([range, distance, closePackedSerials(serials, distance)]).toEqual([
            range,
            distance,
            sorted,
          ]);
        }
      }
    },
  );

  it('may be 16 apart and no further', () => {
    expect(closePackedSerials(packed(1_000n, 1_016n), 16)).toBe(1);
    expect(closePackedSerials(packed(1_000n, 1_017n), 16)).toBe(0);
    expect(closePackedSerials(packed(2n ** 32n - 1n, 2n ** 32n), 16)).toBe(1);
  });
});
