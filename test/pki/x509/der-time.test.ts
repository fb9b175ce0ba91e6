import { describe, expect, it } from '@jest/globals';
import { DerReader } from '../../../lambdas/pki/x509/der.ts';
import { der } from '../../../sandbox/pki/der-writer.ts';

const read = (tag: 0x17 | 0x18, text: string): number =>
  new DerReader(der(tag, Buffer.from(text))).time();

describe('times in DER (RFC 5280 §4.1.2.5)', () => {
  it.each([
    [0x17, '500101000000Z', '1950-01-01T00:00:00Z'],
    [0x17, '491231235959Z', '2049-12-31T23:59:59Z'],
    [0x17, '240229120000Z', '2024-02-29T12:00:00Z'],
    [0x18, '20000229000000Z', '2000-02-29T00:00:00Z'],
    [0x18, '00500301000000Z', '0050-03-01T00:00:00Z'],
    [0x18, '99991231235959Z', '9999-12-31T23:59:59Z'],
  ] as const)('reads 0x%x %s', (tag, text, expected) => {
    expect(read(tag, text)).toBe(Date.parse(expected));
  });

  it.each([
    [0x17, '230229000000Z'],
    [0x18, '19000229000000Z'],
    [0x17, '231301000000Z'],
    [0x17, '230001000000Z'],
    [0x17, '230400000000Z'],
    [0x17, '230431000000Z'],
    [0x17, '230101240000Z'],
    [0x17, '230101006000Z'],
    [0x17, '230101000060Z'],
    [0x17, '2301010000Z'],
    [0x17, '230101000000+0900'],
    [0x18, '20230101000000.5Z'],
    [0x18, '2023010100000xZ'],
  ] as const)('refuses 0x%x %s', (tag, text) => {
    expect(() => read(tag, text)).toThrow(
      expect.objectContaining({ code: 'certificate-malformed' }),
    );
  });
});
