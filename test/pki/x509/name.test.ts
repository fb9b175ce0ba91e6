import { describe, expect, it } from '@jest/globals';
import { isWithinSubtree, parseName, sameName } from '../../../lambdas/pki/x509/name.ts';
import {
  der,
  oid,
  printableString,
  sequence,
  setOf,
  utf8String,
} from '../../../sandbox/pki/der-writer.ts';

const attribute = (type: string, value: Buffer): Buffer => sequence(oid(type), value);
const nameOf = (...rdns: readonly Buffer[]) => parseName(sequence(...rdns));
const cn = (value: Buffer): Buffer => setOf(attribute('2.5.4.3', value));
const utf16 = (text: string): Buffer => der(0x1e, Buffer.from(text, 'utf16le').swap16());
const utf32 = (text: string): Buffer => {
  const octets = Array.from(text).flatMap((point) => {
    const code = point.codePointAt(0)!;
    return [code >>> 24, (code >>> 16) & 255, (code >>> 8) & 255, code & 255];
  });
  return der(0x1c, Buffer.from(octets));
};

describe('comparing names (RFC 5280 §7.1)', () => {
  it.each([
    ['case', utf8String('Straße'), utf8String('STRASSE')],
    ['final sigma', utf8String('ΟΔΟΣ'), utf8String('οδος')],
    ['white space', utf8String(' a  b '), utf8String('a b')],
    ['ideographic space', utf8String('公的\u3000個人'), utf8String('公的 個人')],
    ['a soft hyphen', utf8String('my\u00adkey'), utf8String('mykey')],
    ['full width', utf8String('ＪＰＫＩ'), utf8String('jpki')],
    ['PrintableString and UTF8String', printableString('JPKI'), utf8String('jpki')],
    ['BMPString and UTF8String', utf16('認証局'), utf8String('認証局')],
    ['UniversalString and UTF8String', utf32('認証局'), utf8String('認証局')],
    ['composed and decomposed', utf8String('が'), utf8String('か\u3099')],
  ])('ignores a difference in %s', (_, a, b) => {
    expect(sameName(nameOf(cn(a)), nameOf(cn(b)))).toBe(true);
  });

  it.each([
    ['a space inside a word', utf8String('my key'), utf8String('mykey')],
    ['other letters', utf8String('a'), utf8String('b')],
    ['TeletexString, which is compared by octets', der(0x14, Buffer.from('a')), utf8String('a')],
    ['an unpaired surrogate', der(0x1e, Buffer.of(0xd8, 0)), der(0x1e, Buffer.of(0xd9, 0))],
    ['text that looks like hexadecimal', utf8String('#0c0161'), utf8String('a')],
  ])('counts %s', (_, a, b) => {
    expect(sameName(nameOf(cn(a)), nameOf(cn(b)))).toBe(false);
  });

  it('distinguishes names whose values contain separators', () => {
    const one = nameOf(cn(utf8String('a/2.5.4.3=2:"b')));
    const two = nameOf(cn(utf8String('a')), cn(utf8String('b')));
    expect(sameName(one, two)).toBe(false);
  });

  it('ignores the order of attributes in a multi-valued RDN', () => {
    const a = attribute('2.5.4.3', utf8String('a'));
    const b = attribute('2.5.4.11', utf8String('b'));
    expect(sameName(nameOf(der(0x31, a, b)), nameOf(der(0x31, b, a)))).toBe(true);
    expect(sameName(nameOf(setOf(a, b)), nameOf(setOf(a), setOf(b)))).toBe(false);
  });

  it('compares the first RDNs of a name with a subtree', () => {
    const base = nameOf(cn(utf8String('A')));
    expect(isWithinSubtree(nameOf(cn(utf8String('a')), cn(utf8String('b'))), base)).toBe(true);
    expect(isWithinSubtree(nameOf(cn(utf8String('b')), cn(utf8String('a'))), base)).toBe(false);
    expect(isWithinSubtree(nameOf(), base)).toBe(false);
  });

  it.each([
    ['text that is not UTF-8', sequence(cn(der(0x0c, Buffer.of(0xff))))],
    ['letters in a NumericString', sequence(cn(der(0x12, Buffer.from('JP'))))],
    ['a value of the reserved tag 0', sequence(cn(der(0x00, Buffer.from('a'))))],
    ['a string in pieces', sequence(cn(der(0x2c, utf8String('a'))))],
    ['a set that is not constructed', sequence(cn(der(0x11, Buffer.from('a'))))],
    ['half a character of a BMPString', sequence(cn(der(0x1e, Buffer.of(0))))],
    ['a value with a context tag', sequence(cn(der(0xa0)))],
    ['an attribute type without octets', sequence(setOf(sequence(der(0x06), utf8String('a'))))],
    ['an empty RDN', sequence(der(0x31))],
    ['an attribute without a value', sequence(setOf(sequence(oid('2.5.4.3'))))],
    [
      'data after the value',
      sequence(setOf(sequence(oid('2.5.4.3'), utf8String('a'), utf8String('b')))),
    ],
    ['a SEQUENCE for the SET', sequence(sequence(attribute('2.5.4.3', utf8String('a'))))],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseName(bytes)).toThrow(
      expect.objectContaining({ code: 'certificate-malformed' }),
    );
  });
});
