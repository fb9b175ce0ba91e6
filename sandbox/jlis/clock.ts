/**
 * A clock that can be moved. What it differs by from the machine's clock lies in shared memory, so
 * that other threads of the sandbox follow every move at once.
 */
export interface MovableClock {
  /** One BigInt64: milliseconds to add to the machine's clock. */
  readonly offset: SharedArrayBuffer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  moveBy(milliseconds: number): void;
  /** From here on the clock runs; it does not stand still. */
  moveTo(epochMilliseconds: number): void;
}

/** Reads a shared offset; the form that other threads use. Milliseconds. */
export const readOffset = (offset: SharedArrayBuffer): number =>
  Number(Atomics.load(new BigInt64Array(offset), 0));

/** @param machine the clock underneath, milliseconds since 1970 */
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
