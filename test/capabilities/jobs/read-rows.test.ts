import { describe, expect, it } from '@jest/globals';
import { parseCsvLine } from '../../../lambdas/capabilities/jobs/csv-line.ts';
import { parsePpid } from '../../../lambdas/capabilities/jobs/identifiers.ts';
import { readHead } from '../../../lambdas/capabilities/jobs/read-head.ts';
import { readRows } from '../../../lambdas/capabilities/jobs/read-rows.ts';

const csv = { format: 'csv', by: 'serial' } as const;
const ndjson = { format: 'ndjson', by: 'serial' } as const;
const plain = { identifier: 0, issuer: 1 };
const head = (content: string | Buffer, request: Parameters<typeof readHead>[2] = csv) =>
  readHead(Buffer.from(content as string), true, request);
const rows = (content: string | Buffer, request: Parameters<typeof readRows>[2] = csv) =>
  readRows(Buffer.from(content as string), 1, request, plain);

describe('a PPID as files have it', () => {
  const ppid = 'abcdefghijklmnopqrstuvwxyz234567';
  it('is 32 base32 digits in either case', () => {
    expect(parsePpid(ppid)).toBe(ppid);
    expect(parsePpid(ppid.toUpperCase())).toBe(ppid);
  });
  it.each([ppid.slice(1), `${ppid}a`, ppid.replace('2', '1')])('refuses %s', (text) =>
    expect(parsePpid(text)).toBeUndefined(),
  );
});

describe('a CSV line (RFC 4180)', () => {
  it.each([
    ['a,b', ['a', 'b']],
    ['a,,', ['a', '', '']],
    ['"a","b,c"', ['a', 'b,c']],
    ['"a ""b""",c', ['a "b"', 'c']],
    ['"",', ['', '']],
  ])('%s', (line, fields) => expect(parseCsvLine(line)).toEqual(fields));
  it.each(['"a', 'a"b', '"a"b', '"a""'])('does not pair up: %s', (line) =>
    expect(parseCsvLine(line)).toBeUndefined(),
  );
});

describe('the beginning of a file', () => {
  it('without a header begins with the first row', () => {
    expect(head('0a1b,auth-2023\n')).toEqual({ bytes: 0, firstLine: 1, columns: plain });
  });
  it('skips the byte order mark', () => {
    expect(head('\uFEFF0a1b\n')).toEqual({ bytes: 3, firstLine: 1, columns: plain });
  });
  it('finds columns by their names, in any case, order and quotes', () => {
    expect(head('\uFEFF"Name",Issuer,"SERIAL"\r\n0a1b')).toEqual({
      bytes: 27,
      firstLine: 2,
      columns: { identifier: 2, issuer: 1 },
    });
  });
  it('finds a header behind empty lines', () => {
    expect(head('\r\n\nserial\nff')).toEqual({
      bytes: 10,
      firstLine: 4,
      columns: { identifier: 0 },
    });
  });
  it('takes a malformed first row for a row', () => {
    expect(head('0x1,\n')).toEqual({ bytes: 0, firstLine: 1, columns: plain });
  });
  it('has no header in NDJSON', () => {
    expect(head('{"serial":"0a"}\n', ndjson)?.firstLine).toBe(1);
  });
  it('waits for a whole line', () => {
    expect(readHead(Buffer.from('seri'), false, csv)).toBeUndefined();
  });
  it.each<[string, string | Buffer, string]>([
    ['a header that names no serial', 'card number,name\n1,2\n', 'upload-columns-missing'],
    ['gzip where none was said', Buffer.from([0x1f, 0x8b, 8, 0]), 'upload-compression-wrong'],
    ['UTF-16', Buffer.from('\uFEFF0a1b\n', 'utf16le'), 'upload-encoding-unsupported'],
    ['UTF-16 without a mark', Buffer.from('0a1b\n', 'utf16le'), 'upload-encoding-unsupported'],
    ['nothing', '', 'upload-empty'],
    ['empty lines only', '\n\r\n', 'upload-empty'],
  ])('refuses %s', (_, content, failure) => {
    expect(() => head(content)).toThrow(expect.objectContaining({ failure }));
  });
});

describe('the rows of a chunk', () => {
  it('reads LF, CRLF and a last line without end, and skips empty lines with their numbers', () => {
    expect(rows('0a\r\n\r\n0b,auth-2023\n  \n0c')).toEqual({
      rows: [
        { line: 1, identifier: '0a', issuer: undefined },
        { line: 3, identifier: '0b', issuer: 'auth-2023' },
        { line: 5, identifier: '0c', issuer: undefined },
      ],
      malformed: [],
    });
  });

  it('says why a row could not be read, by line number', () => {
    expect(rows('"0a\n,auth-2023\n0a').malformed).toEqual([
      { line: 1, why: 'row-malformed' },
      { line: 2, why: 'serial-missing' },
    ]);
  });

  it('reads a serial beside names in any encoding', () => {
    const shiftJis = Buffer.from([0x93, 0x8c, 0x8b, 0x9e, 0x5c, 0x2c, 0x30, 0x61, 0x0a]);
    const { rows: read } = readRows(shiftJis, 1, csv, { identifier: 1 });
    expect(read).toEqual([{ line: 1, identifier: '0a', issuer: undefined }]);
  });

  it('reads NDJSON objects', () => {
    const text = [
      '{"serial":"0A","issuer":"auth-2023","name":"東京"}',
      '{"serial":"0b"}',
      '{"serial":10}',
      '{"issuer":"auth-2023"}',
      '["0a"]',
      'null',
      '{"serial":"0a"',
      '{"__proto__":{"serial":"0a"}}',
    ].join('\n');
    expect(rows(text, ndjson)).toEqual({
      rows: [
        { line: 1, identifier: '0A', issuer: 'auth-2023' },
        { line: 2, identifier: '0b', issuer: undefined },
      ],
      malformed: [
        { line: 3, why: 'row-malformed' },
        { line: 4, why: 'serial-missing' },
        { line: 5, why: 'row-malformed' },
        { line: 6, why: 'row-malformed' },
        { line: 7, why: 'row-malformed' },
        { line: 8, why: 'serial-missing' },
      ],
    });
  });
});
