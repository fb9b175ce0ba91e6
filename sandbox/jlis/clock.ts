/**
 * A movable clock. Its offset from the machine's clock is in shared memory, so that other threads
 * of the sandbox follow every change immediately.
 */
export interface MovableClock {
  /** One BigInt64: milliseconds to add to the machine's clock. */
  readonly offset: SharedArrayBuffer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  moveBy(milliseconds: number): void;
  /** Sets the time; the clock continues to run from there. */
  moveTo(epochMilliseconds: number): void;
}

/** Reads a shared offset, for other threads. Milliseconds. */
export const readOffset = (offset: SharedArrayBuffer): number =>
  Number(Atomics.load(new BigInt64Array(offset), 0));

/** @param machine the underlying clock, milliseconds since 1970 */
export function createClock(
  initialOffset = 0,
  machine: () => number = Date.now,
  offset: SharedArrayBuffer = new SharedArrayBuffer(8),
): MovableClock {
  const view = new BigInt64Array(offset);
  const write = (milliseconds: number): void => {
    Atomics.store(view, 0, BigInt(Math.round(milliseconds)));
  };
  write(initialOffset);
  const now = (): number => machine() + readOffset(offset);
  return {
    offset,
    now,
    moveBy: (milliseconds) => write(readOffset(offset) + milliseconds),
    moveTo: (epochMilliseconds) => write(epochMilliseconds - machine()),
  };
}

const japan = 9 * 60 * 60 * 1000;
const day = 24 * 60 * 60 * 1000;

/** The last midnight in Japan (UTC+9, no summer time); milliseconds since 1970. */
export const startOfJapaneseDay = (at: number): number =>
  Math.floor((at + japan) / day) * day - japan;
