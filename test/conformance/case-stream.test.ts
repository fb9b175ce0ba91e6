import { describe, expect, it } from '@jest/globals';
import { casesIn } from './case-stream.ts';

/** Every way to cut a stream must give the same cases. */
const cuts = [1, 2, 7, 1 << 16];

async function valuesIn(text: string, chunkBytes: number): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    chunks.push(bytes.subarray(at, at + chunkBytes));
  }
  const values: unknown[] = [];
  for await (const { value } of casesIn(chunks)) values.push(value);
  return values;
}

describe('cases as they arrive', () => {
  it.each([
    ['JSON Lines', '{"id":1}\n{"id":2}\n', [{ id: 1 }, { id: 2 }]],
    ['no newline behind the last line', '{"id":1}\n{"id":2}', [{ id: 1 }, { id: 2 }]],
    ['CR before LF, and empty lines', '\r\n{"id":1}\r\n\r\n{"id":2}\r\n', [{ id: 1 }, { id: 2 }]],
    ['an array', '[{"id":1},{"id":2}]', [{ id: 1 }, { id: 2 }]],
    ['an array over several lines', ' [\n{"id":1}\n,\n{"id":2}\n]\n', [{ id: 1 }, { id: 2 }]],
    ['an empty array', '[ ]', []],
    ['nothing', ' \n', []],
    [
      'brackets, commas and quotation marks inside of texts',
      '[{"id":"],[\\"}{\\\\"},{"list":[1,[2]]}]',
      [{ id: '],["}{\\' }, { list: [1, [2]] }],
    ],
    ['characters of several octets', '{"id":"発行番号"}\n', [{ id: '発行番号' }]],
    ['one field at two depths', '{"a":{"id":1},"id":2}', [{ a: { id: 1 }, id: 2 }]],
    ['a prototype for a field', '{"__proto__":{"id":1}}', [JSON.parse('{"__proto__":{"id":1}}')]],
  ])('reads %s', async (_what, text, expected) => {
    for (const cut of cuts) expect(await valuesIn(text, cut)).toEqual(expected);
  });

  it('passes over a byte order mark', async () => {
    expect(await valuesIn('\uFEFF[{"id":1}]', 64)).toEqual([{ id: 1 }]);
    expect(await valuesIn('\uFEFF{"id":1}', 64)).toEqual([{ id: 1 }]);
  });

  it.each([
    ['a line that is not JSON', '{"id":1}\n{"id":', 'line 2 is not JSON'],
    ['an element that is not JSON', '[{"id":1},{"id"}]', 'the array is not JSON'],
    ['a comma behind the last element', '[{"id":1},]', 'the array is not JSON'],
    ['an array that does not end', '[{"id":1}', 'the array is not JSON'],
    ['an array that ends as an object', '[{"id":1}}', 'the array is not JSON'],
    ['data behind the array', '[{"id":1}] x', 'the array is not JSON'],
    ['two arrays', '[][]', 'the array is not JSON'],
    ['a field twice', '{"id":1,"crls":[],"id":2}', 'line 1 has the field "id" twice'],
    ['a field twice in an array', '[{"id":1,"id":2}]', 'the array has the field "id" twice'],
    ['nesting without end', '['.repeat(100_000), 'the array nests deeper than 32'],
    ['nesting on a line', `{"a":${'['.repeat(100_000)}`, 'line 1 nests deeper than 32'],
  ])('refuses %s', async (_what, text, message) => {
    for (const cut of cuts) await expect(valuesIn(text, cut)).rejects.toThrow(message);
  });

  it('gives a case on before the next has arrived', async () => {
    const { value } = await casesIn(prefixed('{"id":1}\n{"i', stalled())).next();
    expect(value).toMatchObject({ value: { id: 1 } });
  });

  it('refuses a case or an array that grows beyond all bounds, before its end', async () => {
    await expect(casesIn(prefixed('{"id":"', endless())).next()).rejects.toThrow(
      'line 1 is larger than 256 MiB',
    );
    await expect(casesIn(prefixed(' [', endless())).next()).rejects.toThrow(
      'the array is larger than 256 MiB; JSON Lines may be of any length',
    );
  });
});

async function* prefixed(
  text: string,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
  yield* rest;
}

async function* stalled(): AsyncGenerator<Uint8Array> {
  yield await new Promise<Uint8Array>(() => {});
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield await Promise.resolve(Buffer.alloc(1 << 24, 0x20));
}
