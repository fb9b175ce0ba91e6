import { describe, expect, it } from '@jest/globals';
import { parseCsvLine } from '../../../lambdas/capabilities/jobs/csv-line.ts';
import { parsePpid } from '../../../lambdas/capabilities/jobs/identifiers.ts';
import { readHead } from '../../../lambdas/capabilities/jobs/read-head.ts';
import { readRows } from '../../../lambdas/capabilities/jobs/read-rows.ts';

const csv = { format: 'csv', by: 'serial' } as const;
const ndjson = { format: 'ndjson', by: 'serial' } as const;
const plain = { identifier: 0, issuer: 1, count: 2 };
const head = (content: string | Buffer, request: Parameters<typeof readHead>[2] = csv) =>
  readHead(Buffer.from(content as string), true, request, (name) => name === 'auth-2023');
const rows = (content: string | Buffer, request: Parameters<typeof readRows>[2] = csv) =>
  readRows(Buffer.from(content as string), 1, request, plain);
/** A file with these first octets. */
const magic = (hex: string) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(600, 0x41)]);
const asked = (content: string, column: string | number) => head(content, { ...csv, column });

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
      columns: { identifier: 2, issuer: 1, count: 3 },
    });
  });
  it('finds a header behind empty lines', () => {
    expect(head('\r\n\nserial\nff')).toEqual({
      bytes: 10,
      firstLine: 4,
      columns: { identifier: 0, count: 1 },
    });
  });
  it('reads line ends of a lone CR', () => {
    expect(head('serial,name\r0a,A\r')).toMatchObject({ bytes: 12, firstLine: 2 });
    expect(readHead(Buffer.from('serial\r'), false, csv, () => false)).toBeUndefined();
  });
  it.each<[string, string | Buffer, number]>([
    ['シリアル番号', '番号,備考,シリアル番号\n1,a,0a\n', 2],
    ['in half-width kana', '番号,ｼﾘｱﾙ番号\n1,0a\n', 1],
    ['発行番号', '発行番号,氏名\n', 0],
    ['証明書番号', '氏名,証明書番号\n', 1],
    ['利用者証明用電子証明書のシリアル番号', '利用者証明用電子証明書のシリアル番号\n', 0],
    ['証明書シリアル番号', '氏名,証明書シリアル番号\n', 1],
    ['電子証明書の発行番号', '"氏名","電子証明書の発行番号"\n', 1],
    ['Serial Number', 'Name,Serial Number\n', 1],
    // 番号,シリアル番号
    ['in Shift_JIS', Buffer.from('94d48d862c8356838a8341838b94d48d860a312c30610a', 'hex'), 1],
  ])('knows a column by its name %s', (_, content, identifier) => {
    expect(head(content)).toMatchObject({ firstLine: 2, columns: { identifier } });
  });
  it('takes the column that the caller names, or counts from 1', () => {
    expect(asked('番号,カード\n1,0a\n', 'カード')).toMatchObject({
      firstLine: 2,
      columns: { identifier: 1 },
    });
    expect(asked('1,0a\n', 2)).toMatchObject({ firstLine: 1, columns: { identifier: 1 } });
    expect(asked('番号,シリアル番号\n1,0a\n', 2)).toMatchObject({ firstLine: 2 });
    // No header that we know: it is a row, and will count as a malformed one.
    expect(asked('番号,カード\n1,0a\n', 2)).toMatchObject({ firstLine: 1 });
    expect(() => asked('番号,カード\n', 'serial')).toThrow('upload-columns-missing');
    expect(() => asked('1,0a\n', 3)).toThrow('upload-columns-missing');
  });
  it('has no header in NDJSON', () => {
    expect(head('{"serial":"0a"}\n', ndjson)?.firstLine).toBe(1);
  });
  it('waits for a whole line', () => {
    expect(readHead(Buffer.from('seri'), false, csv, () => false)).toBeUndefined();
  });
  it.each<[string, string | Buffer, string]>([
    ['a header that names no serial', 'card number,name\n1,2\n', 'upload-columns-missing'],
    ['a Japanese one', '番号,備考,カード\n1,a,0a\n', 'upload-columns-missing'],
    ['row numbers before the serials', '1,東京,2000118d\n', 'upload-columns-missing'],
    ['a row number and a serial', '1,2000118d\n', 'upload-columns-missing'],
    ['a first row that is none', '-,auth-2023\n0a,auth-2023\n', 'upload-columns-missing'],
    ['a header that a record is glued to', 'serial,2000118d,A\n0a,B\n', 'upload-columns-missing'],
    ['semicolons', 'name;serial\na;0a\n', 'upload-columns-missing'],
    ['two columns of serials', 'serial,シリアル番号\n0a,0b\n', 'upload-columns-ambiguous'],
    ['a header with an open quote', '"serial\n0a\n', 'upload-quote-open'],
    ['ISO-2022-JP', '\u001b$BHV9f\u001b(B,serial\n', 'upload-encoding-unsupported'],
    ['gzip where none was said', Buffer.from([0x1f, 0x8b, 8, 0]), 'upload-compression-wrong'],
    ['UTF-16', Buffer.from('\uFEFF0a1b\n', 'utf16le'), 'upload-encoding-unsupported'],
    ['UTF-16 without a mark', Buffer.from('0a1b\n', 'utf16le'), 'upload-encoding-unsupported'],
    ['nothing', '', 'upload-empty'],
    ['empty lines only', '\n\r\n', 'upload-empty'],
  ])('refuses %s', (_, content, failure) => {
    expect(() => head(content)).toThrow(expect.objectContaining({ failure }));
  });

  // シリアル番号,氏名
  const eucJp = Buffer.from('a5b7a5eaa5a2a5ebc8d6b9e62cbbe1ccbe0a', 'hex');
  const tar = Buffer.alloc(1024);
  tar.write('rows.csv');
  tar.write('ustar', 257);
  it.each<[string, Buffer, string]>([
    ['decompress it, or compress it by gzip: this is bzip2', magic('425a68'), 'compression-wrong'],
    ['decompress it, or compress it by gzip: this is xz', magic('fd377a585a'), 'compression-wrong'],
    [
      'decompress it, or compress it by gzip: this is Zstandard',
      magic('28b52ffd'),
      'compression-wrong',
    ],
    ['decompress it, or compress it by gzip: this is lz4', magic('04224d18'), 'compression-wrong'],
    ['this is 7-Zip', magic('377abcaf271c'), 'format-wrong'],
    ['a ZIP archive or a workbook (.xlsx)', magic('504b0304'), 'format-wrong'],
    ['a RAR archive', magic('526172211a07'), 'format-wrong'],
    ['a tar archive', tar, 'format-wrong'],
    ['a workbook (.xls)', magic('d0cf11e0a1b11ae1'), 'format-wrong'],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'format-wrong'],
    ['this is an HTML page', Buffer.from('\uFEFF\n <!DOCTYPE html>\n'), 'format-wrong'],
    ['this is an HTML page', Buffer.from('<html lang="ja"><head>\r\n'), 'format-wrong'],
    ['this is XML', Buffer.from('<?xml version="1.0"?><error>503</error>'), 'format-wrong'],
    ['this is XML or HTML', Buffer.from('<Error><Code>AccessDenied</Code>'), 'format-wrong'],
    ['set format to ndjson', Buffer.from('{"serial":"0a"}\n'), 'format-wrong'],
    ['set format to ndjson', Buffer.from('[{"serial":"0a"}]\n'), 'format-wrong'],
    [
      'with commas between columns: this one has semicolons',
      Buffer.from('a;serial\n'),
      'columns-missing',
    ],
    ['this one has tabs', Buffer.from('name\tserial\n'), 'columns-missing'],
    ['remove the first line', Buffer.from('sep=,\nserial\n0a\n'), 'columns-missing'],
    ['this is PEM', Buffer.from('-----BEGIN CERTIFICATE-----\nMIIB\n'), 'format-wrong'],
    ['save the file in UTF-8: this is EUC-JP', eucJp, 'encoding-unsupported'],
    [
      'save the file in UTF-8: this is ISO-2022-JP',
      Buffer.from('\u001b$BHV9f\u001b(B,serial\n'),
      'encoding-unsupported',
    ],
    [
      'save the file in UTF-8: this is UTF-16',
      Buffer.from('serial\n0a\n', 'utf16le'),
      'encoding-unsupported',
    ],
    ['control characters', Buffer.from('serial\u0007\n'), 'encoding-unsupported'],
  ])('names what is no file of rows, and the cure: %s', (words, content, failure) => {
    const refusal = { failure: `upload-${failure}`, detail: expect.stringContaining(words) };
    expect(() => head(content)).toThrow(expect.objectContaining(refusal));
  });

  it('names pages and archives in NDJSON too, and whatever column is named', () => {
    for (const request of [ndjson, { ...csv, column: 1 }]) {
      for (const content of ['<!doctype html>\n', 'BZh91AY&SY\n']) {
        expect(() => head(content, request)).toThrow(/upload-(?:format|compression)-wrong/);
      }
    }
    const mail = '{"serial":"0a","name":"\u001b$BEl5~\u001b(B"}\n';
    expect(() => head(mail, ndjson)).toThrow('upload-encoding-unsupported');
  });

  it.each(['[\n{"serial":"0a"}]', '[{"serial":"0a"}]', '{\n "serial": "0a"\n}', ' {  \r\n'])(
    'names JSON that is not one object in each line: %j',
    (content) => {
      expect(() => head(content, ndjson)).toThrow(
        expect.objectContaining({
          failure: 'upload-format-wrong',
          detail: expect.stringMatching(/^write one object in each line/),
        }),
      );
    },
  );

  it('is judged alike however its octets arrive', () => {
    for (const content of [tar, eucJp]) {
      let failure: unknown;
      for (let length = 1; length <= content.length && failure === undefined; length += 1) {
        try {
          readHead(content.subarray(0, length), length === content.length, csv, () => false);
        } catch (error) {
          failure = error;
        }
      }
      expect(() => head(content)).toThrow(
        expect.objectContaining({ failure: (failure as { failure: string }).failure }),
      );
      expect(failure).toHaveProperty('detail', expect.stringMatching(/tar archive|EUC-JP/));
    }
  });

  it('does not take Japanese in Shift_JIS or UTF-8, or names in EUC-JP, for another encoding', () => {
    // 番号,カード in Shift_JIS
    const shiftJis = Buffer.from('94d48d862c834a815b83680a', 'hex');
    for (const content of [shiftJis, '番号,カード\n']) {
      expect(() => head(content)).toThrow('upload-columns-missing');
    }
    const names = Buffer.concat([Buffer.from('serial,'), eucJp.subarray(13)]);
    expect(head(names)).toMatchObject({ columns: { identifier: 0 } });
  });

  it('takes a rounded serial for a row, so that it is named as one', () => {
    expect(head('1.23E+15\n0a\n')).toMatchObject({ bytes: 0, firstLine: 1 });
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

  it('reports why a row could not be read, by line number', () => {
    expect(rows('"0a\n,auth-2023\n0a\n0b"x').malformed).toEqual([
      { line: 1, why: 'row-malformed' },
      { line: 2, why: 'serial-missing' },
      { line: 4, why: 'row-malformed' },
    ]);
  });

  it.each(['\r', '\n', '\r\n'])('numbers rows alike whatever ends them: %j', (end) => {
    const text = ['0a', '', '0b,auth-2023', 'zz"', '0c'].join(end);
    const read = rows(text);
    expect(read.rows.map(({ line, identifier }) => [line, identifier])).toEqual([
      [1, '0a'],
      [3, '0b'],
      [5, '0c'],
    ]);
    expect(read.malformed).toEqual([{ line: 4, why: 'row-malformed' }]);
  });

  it.each(['\u2028', '\u2029', '\u0085', '\0', '\u000b', '\f', '\u001e'])(
    'does not take two records joined by %j for one',
    (joint) => {
      expect(rows(`0a,${joint}0b\n0c`)).toEqual({
        rows: [{ line: 2, identifier: '0c', issuer: undefined }],
        malformed: [{ line: 1, why: 'row-malformed' }],
      });
    },
  );

  it('does not ignore fields after the last column', () => {
    const text = '0a,auth-2023,,\n0a,auth-20230b,auth-2023\n"0a",,"0b"\n';
    expect(rows(text)).toMatchObject({
      rows: [{ line: 1 }],
      malformed: [
        { line: 2, why: 'row-malformed' },
        { line: 3, why: 'row-malformed' },
      ],
    });
  });

  it('reads full-width digits, in UTF-8 and Shift_JIS', () => {
    expect(rows('２０００１１８ｄ\n').rows[0]?.identifier).toBe('２０００１１８ｄ');
    // ２０
    const shiftJis = Buffer.from('8251824f0a', 'hex');
    expect(readRows(shiftJis, 1, csv, plain).rows[0]?.identifier).toBe('２０');
    const escaped = '{"serial":"\\uff12\\uff10"}';
    expect(rows(escaped, ndjson).rows[0]?.identifier).toBe('２０');
  });

  it('refuses a duplicate member', () => {
    const text =
      '{"serial":"0a","serial":"0b"}\n{"serial":"0a","x":{"a":1,"a":2}}\n{"serial":"0c"}';
    expect(rows(text, ndjson)).toMatchObject({
      rows: [{ line: 3 }],
      malformed: [
        { line: 1, why: 'member-repeated' },
        { line: 2, why: 'member-repeated' },
      ],
    });
  });

  it('reads a serial in a row with names in any encoding', () => {
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
        { line: 3, why: 'serial-rounded' },
        { line: 4, why: 'serial-missing' },
        { line: 5, why: 'row-malformed' },
        { line: 6, why: 'row-malformed' },
        { line: 7, why: 'row-malformed' },
        { line: 8, why: 'serial-missing' },
      ],
    });
  });
});
