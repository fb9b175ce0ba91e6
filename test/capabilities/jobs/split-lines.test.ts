import { describe, expect, it } from '@jest/globals';
import { readRows } from '../../../lambdas/capabilities/jobs/read-rows.ts';
import { LineSplitter, type LineRange } from '../../../lambdas/capabilities/jobs/split-lines.ts';

const limits = { chunkLines: 3, chunkBytes: 1000, lineBytes: 100, plainBytes: 5000, lines: 1000 };

function split(text: string, piece: number, change: Partial<typeof limits> = {}) {
  const bytes = Buffer.from(text);
  const splitter = new LineSplitter({ ...limits, ...change });
  const ranges: LineRange[] = [];
  for (let at = 0; at < bytes.length; at += piece) {
    ranges.push(...splitter.push(bytes.subarray(at, at + piece)));
  }
  ranges.push(...splitter.end());
  return { ranges, splitter, pieces: ranges.map(({ start, end }) => text.slice(start, end)) };
}

const linesOfRows = (text: string, firstLine: number): number[] =>
  readRows(
    Buffer.from(text),
    firstLine,
    { format: 'csv', by: 'serial' },
    { identifier: 0 },
  ).rows.map(({ line }) => line);

describe('cutting a file at line ends', () => {
  it.each([1, 2, 3, 7, 1000])('gives the same ranges however the bytes arrive (%i)', (piece) => {
    const { pieces, ranges, splitter } = split('a\nbb\r\n\nccc\ndd\ne\nlast', piece);
    expect(pieces).toEqual(['a\nbb\r\n\n', 'ccc\ndd\ne\n', 'last']);
    expect(ranges.map(({ firstLine, lines, index }) => [index, firstLine, lines])).toEqual([
      [0, 1, 3],
      [1, 4, 3],
      [2, 7, 1],
    ]);
    expect(splitter.lines).toBe(7);
  });

  it('adds no empty range when the file ends where a range does', () => {
    expect(split('a\nb\nc\n', 4).pieces).toEqual(['a\nb\nc\n']);
  });

  it('counts a last line that lacks its end', () => {
    expect(split('a\nb', 10).splitter.lines).toBe(2);
    expect(split('a\nb\n', 10).splitter.lines).toBe(2);
  });

  it('begins a new range before the bytes run over', () => {
    const { pieces } = split('aaaa\nbbbb\ncccc\n', 6, { chunkBytes: 11, lineBytes: 8 });
    expect(pieces).toEqual(['aaaa\nbbbb\n', 'cccc\n']);
  });

  it('covers every byte exactly once', () => {
    const text = Array.from({ length: 500 }, (_, i) => 'x'.repeat((i * 7) % 40)).join('\n');
    const { pieces, ranges } = split(text, 13, { chunkBytes: 200, plainBytes: 20_000 });
    expect(pieces.join('')).toBe(text);
    const lines = ranges.reduce((sum, range) => sum + range.lines, 0);
    expect(lines).toBe(500);
    for (const { firstLine, start } of ranges) {
      expect(text.slice(0, start).split('\n')).toHaveLength(firstLine);
    }
  });

  it.each([1, 2, 3, 5, 1000])('ends lines where the reader of rows does (%i)', (piece) => {
    const ends = ['\n', '\r', '\r\n', '\r\r', '\n\r', '\r\r\n'];
    const texts = Array.from({ length: 200 }, (_, n) => {
      const line = (k: number) => `${(n + k) % 3 === 0 ? '' : 'ff'}${ends[(n * 7 + k * k) % 6]!}`;
      return Array.from({ length: 9 }, (_, k) => line(k)).join('') + (n % 2 === 0 ? 'ff' : '');
    });
    for (const text of texts) {
      const whole = linesOfRows(text, 1);
      const { ranges, pieces } = split(text, piece);
      const cut = ranges.flatMap(({ firstLine }, n) => linesOfRows(pieces[n]!, firstLine));
      expect(cut).toEqual(whole);
      expect(pieces.join('')).toBe(text);
    }
  });

  it.each([
    ['a line without end', 'x'.repeat(101), 'upload-line-too-long'],
    ['a line too long', `${'x'.repeat(101)}\n`, 'upload-line-too-long'],
    ['too many bytes', 'x\n'.repeat(2501), 'upload-too-large'],
    ['too many lines', '\n'.repeat(1001), 'upload-too-large'],
  ])('refuses %s', (_, text, failure) => {
    expect(() => split(text, 5000)).toThrow(expect.objectContaining({ failure }));
  });

  it('begins behind a header with the line number that a person sees', () => {
    const splitter = new LineSplitter(limits, 7, 2);
    splitter.push(Buffer.from('a\nb\n'));
    expect(splitter.end()).toEqual([{ index: 0, start: 7, end: 11, firstLine: 2, lines: 2 }]);
    expect(splitter.lines).toBe(3);
  });
});
