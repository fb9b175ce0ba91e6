import { DerReader } from '../../lambdas/pki/x509/der.ts';
import { der } from '../../sandbox/pki/der-writer.ts';

/** Numbers in [0, bound) that a seed repeats (mulberry32). */
export function randomFrom(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * bound);
  };
}

type Random = (bound: number) => number;

/** One to three changes: of bytes anywhere, or of values in the tree, whose lengths are then put right. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let changed = bytes;
  for (let i = 1 + random(3); i > 0; i--) {
    changed = random(3) === 0 ? changeBytes(changed, random) : changeTree(changed, random);
  }
  return changed;
}

const interesting = [0x00, 0x01, 0x7f, 0x80, 0x81, 0x84, 0xff, 0x05, 0x30, 0x31, 0x0c, 0x13, 0xa0];

function changeBytes(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return Buffer.of(random(256));
  const changed = Buffer.from(bytes);
  const position = random(bytes.length);
  switch (random(5)) {
    case 0:
      changed[position]! ^= 1 << random(8);
      return changed;
    case 1:
      changed[position] = interesting[random(interesting.length)]!;
      return changed;
    case 2:
      return Buffer.concat([bytes.subarray(0, position), bytes.subarray(position + 1)]);
    case 3:
      return Buffer.concat([
        bytes.subarray(0, position),
        Buffer.of(random(256)),
        bytes.subarray(position),
      ]);
    default:
      return changed.subarray(0, position);
  }
}

export interface Value {
  readonly start: number;
  readonly end: number;
  readonly content: number;
  /** Content starts of the values around it, from outside. */
  readonly around: readonly Value[];
}

function changeTree(bytes: Buffer, random: Random): Buffer {
  const values = valuesOf(bytes);
  if (values.length === 0) return changeBytes(bytes, random);
  const chosen = values[random(values.length)]!;
  const other = values[random(values.length)]!;
  const whole = bytes.subarray(chosen.start, chosen.end);
  const content = bytes.subarray(chosen.content, chosen.end);
  const identifier = bytes[chosen.start]!;
  const replacements: readonly (() => Buffer)[] = [
    () => Buffer.alloc(0),
    () => Buffer.concat([whole, whole]),
    () => bytes.subarray(other.start, other.end),
    () => der(identifier ^ (1 << random(8)), content),
    () => der(interesting[random(interesting.length)]!, content),
    () => der(identifier, changeBytes(content, random)),
    () => der(identifier, changeBytes(content, random)),
    () => der(identifier, Buffer.alloc(0)),
    () => der(identifier, content, Buffer.of(5, 0)),
    () => Buffer.concat([Buffer.of(identifier, 0x81, content.length & 0xff), content]),
  ];
  const replacement = replacements[random(replacements.length)]!();
  return replaced(bytes, chosen, replacement);
}

/** The bytes with one value replaced and every length around it written anew. */
function replaced(bytes: Buffer, value: Value, replacement: Buffer): Buffer {
  let { start, end } = value;
  let inner = replacement;
  for (const outer of value.around.toReversed()) {
    inner = der(
      bytes[outer.start]!,
      bytes.subarray(outer.content, start),
      inner,
      bytes.subarray(end, outer.end),
    );
    ({ start, end } = outer);
  }
  return Buffer.concat([bytes.subarray(0, start), inner, bytes.subarray(end)]);
}

/** Every value that can be read; OCTET and BIT STRINGs that hold DER are entered too. */
export function valuesOf(bytes: Buffer): readonly Value[] {
  const found: Value[] = [];
  const walk = (from: number, to: number, around: readonly Value[]): void => {
    const reader = new DerReader(bytes, from, to);
    try {
      while (!reader.atEnd && found.length < 2000) {
        const start = reader.offset;
        const content = reader.enterRange(-1);
        const value = { start, content, end: reader.offset, around };
        found.push(value);
        const holds = bytes[start] === 0x04 || (bytes[start]! & 0x20) !== 0;
        if (holds && around.length < 20) walk(content, reader.offset, [...around, value]);
      }
    } catch {
      // What cannot be read any further is left as it is.
    }
  };
  walk(0, bytes.length, []);
  return found;
}
