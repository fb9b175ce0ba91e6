import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { certificateIndexKey, newSubjectId, bucketOf } from '../../lambdas/people/layout.ts';
import { seal, unseal, versionOf } from '../../lambdas/people/seal.ts';
import { certificate } from './scene.ts';

const octets = (label: string) => createHash('sha256').update(label).digest();
const key = (label: string, version = 1) => ({
  version,
  mac: octets(`${label} mac`),
  seal: octets(`${label} seal`),
});
const place = { pk: 'S#x', sk: 'S' };
const refused = expect.objectContaining({ code: 'internal-error' });

const lengthOf = (value: string) => seal(key('one'), place, value).length;

describe('a sealed value', () => {
  it('opens at its own place under its own key, and names the key version', () => {
    const sealed = seal(key('one', 7), place, { a: '山田' });
    expect(versionOf(sealed)).toBe(7);
    expect(unseal(key('one', 7), place, sealed)).toEqual({ a: '山田' });
  });

  it.each([
    ['another partition', key('one'), { ...place, pk: 'S#y' }, 'value'],
    ['another name', key('one'), { ...place, sk: 'T' }, 'value'],
    ['the other part of the record', key('one'), place, 'owner'],
    ['another key', key('two'), place, 'value'],
    ['another version of the key', key('one', 2), place, 'value'],
  ] as const)('does not open for %s', (_, under, at, part) => {
    const sealed = seal(key('one'), place, 1);
    expect(() => unseal(under, at, sealed, part)).toThrow(refused);
  });

  it('does not open when one bit of it was altered, the version included', () => {
    const sealed = seal(key('one'), place, { a: 1 });
    for (let octet = 0; octet < sealed.length; octet++) {
      const altered = Uint8Array.from(sealed, (value, n) => (n === octet ? value ^ 1 : value));
      expect(() => unseal(key('one'), place, altered)).toThrow(refused);
    }
    expect(() => unseal(key('one'), place, sealed.subarray(0, 20))).toThrow(refused);
  });

  it('hides the length of its value in steps of 64 octets', () => {
    expect(lengthOf('a')).toBe(lengthOf('a'.repeat(60)));
    expect(lengthOf('a')).not.toBe(lengthOf('a'.repeat(62)));
  });
});

describe('the name of a certificate', () => {
  it('needs the key, and keeps issuer and serial apart', () => {
    const { pk } = certificateIndexKey(key('index'), certificate(1));
    expect(pk).toMatch(/^C#1#[\w-]{43}$/);
    const others = [
      certificateIndexKey(key('other'), certificate(1)),
      certificateIndexKey(key('index'), certificate(2)),
      certificateIndexKey(key('index'), certificate(1, 'b')),
    ].map((name) => name.pk);
    expect(new Set([pk, ...others]).size).toBe(4);
  });
});

describe('a subject id', () => {
  it('is 128 random bits behind its bucket', () => {
    const ids = Array.from({ length: 100 }, () => newSubjectId(0xabc));
    expect(ids.every((id) => /^abc[0-9a-f]{32}$/.test(id) && bucketOf(id) === 0xabc)).toBe(true);
    expect(new Set(ids).size).toBe(100);
    expect(bucketOf(newSubjectId(5))).toBe(5);
    expect(bucketOf(newSubjectId(4_095))).toBe(4_095);
  });
});
