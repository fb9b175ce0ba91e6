import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { casesIn, maximumCaseBytes } from './case-stream.ts';

/** Every way to cut a stream must give the same cases. */
const cuts = [1, 2, 7, 1 << 16];

async function valuesIn(text: string | Buffer, chunkBytes: number): Promise<unknown[]> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
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

  it.each<[string, string | Buffer, string]>([
    ['a line that is not JSON', '{"id":1}\n{"id":', 'line 2 is not JSON'],
    ['an element that is not JSON', '[{"id":1},{"id"}]', 'element 2 of the array is not JSON'],
    ['two elements without a comma', '[1 {"id":1}]', 'element 1 of the array is not JSON'],
    ['a bracket closed by a brace', '[{"a":[1}},2]', 'element 1 of the array is not JSON'],
    ['no element before a comma', '[,{"id":1}]', 'the array is not JSON'],
    ['half a byte order mark', Buffer.of(0xef, 0xbb, 0x5b, 0x5d), 'the array is not JSON'],
    ['a comma behind the last element', '[{"id":1},]', 'the array is not JSON'],
    ['an array that does not end', '[{"id":1}', 'the array is not JSON'],
    ['an array that ends as an object', '[{"id":1}}', 'the array is not JSON'],
    ['data behind the array', '[{"id":1}] x', 'the array is not JSON'],
    ['two arrays', '[][]', 'the array is not JSON'],
    ['a field twice', '{"id":1,"crls":[],"id":2}', 'line 1 has the field "id" twice'],
    [
      'a field twice in an array',
      '[{"id":1,"id":2}]',
      'element 1 of the array has the field "id" twice',
    ],
    ['nesting without end', '['.repeat(100_000), 'element 1 of the array nests deeper than 32'],
    ['nesting on a line', `{"a":${'['.repeat(100_000)}`, 'line 1 nests deeper than 32'],
  ])('refuses %s', async (_what, text, message) => {
    for (const cut of cuts) await expect(valuesIn(text, cut)).rejects.toThrow(message);
  });

  it('gives a case on before the next has arrived', async () => {
    for (const text of ['{"id":1}\n{"i', '[{"id":1},{"i']) {
      const { value } = await casesIn(prefixed(text, stalled())).next();
      expect(value).toMatchObject({ value: { id: 1 } });
    }
  });

  it('names an element by its number in the array', async () => {
    const places: string[] = [];
    for await (const { where } of casesIn([Buffer.from('[1,2,3]')])) places.push(where);
    expect(places).toEqual([1, 2, 3].map((number) => `element ${number} of the array`));
  });

  it('refuses a case that grows beyond all bounds, before its end', async () => {
    const oneMebibyte = 1 << 20;
    for (const [text, what] of [
      ['{"id":"', 'line 1'],
      ['{"id":1}\n', 'line 2'],
      [' [', 'element 1 of the array'],
      ['[1,"', 'element 2 of the array'],
    ] as const) {
      const reading = async (): Promise<void> => {
        for await (const { value } of casesIn(prefixed(text, endless()), oneMebibyte)) void value;
      };
      await expect(reading()).rejects.toThrow(`${what} is larger than 1 MiB`);
    }
  });

  it('allows each case the octets that docs/conformance.md names', () => {
    const page = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8');
    expect(page).toContain(`at most ${maximumCaseBytes / 2 ** 20} MiB`);
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
  for (;;) yield await Promise.resolve(Buffer.alloc(1 << 16, 0x20));
}
