import { describe, expect, it } from '@jest/globals';
import { jsonLimits } from '../lambdas/limits.ts';
import { parseStrictJson } from '../lambdas/strict-json.ts';

const faultOf = (text: string): unknown => {
  try {
    return { value: parseStrictJson(text) };
  } catch (error) {
    const { fault, member } = error as { fault: unknown; member: unknown };
    return member === undefined ? fault : [fault, member];
  }
};

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('strict JSON', () => {
  it.each([
    '{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}',
    '{"a":"x: y, \\"a\\":2","b":"{[:"}',
    '{"__proto__":1,"constructor":2}',
    '["a","a:","a"]',
    '"\\\\"',
    ' null ',
    '{"時":"a:b","\\u6642 ":1}',
  ])('reads %s', (text) => {
    expect(faultOf(text)).toEqual({ value: JSON.parse(text) });
  });

  it.each([
    ['in the object itself', '{"serial":"0a","serial":"0b"}', 'serial'],
    ['behind other members', '{"a":1,"b":"x:y","a":1}', 'a'],
    ['inside', '[1,{"a":{"b":1,"b":2}}]', 'b'],
    ['written with an escape', '{"serial":1,"seri\\u0061l":2}', 'serial'],
    ['that is __proto__', '{"__proto__":1,"__proto__":2}', '__proto__'],
    ['with a colon in its name', '{"a:b":1,"a:b":2}', 'a:b'],
    ['with blanks before the colon', '{"a" :1,"a"\n:2}', 'a'],
    ['that is empty', '{"":1,"":2}', ''],
    ['three times beside strings with colons', '{"a":1,"a":2,"a":3,"b":"::"}', 'a'],
  ])('refuses a member that stands twice %s', (_, text, member) => {
    expect(faultOf(text)).toEqual(['member-repeated', member]);
  });

  it('bounds nesting, of arrays and objects alike', () => {
    expect(faultOf(nested(jsonLimits.nesting))).toMatchObject({ value: expect.anything() });
    expect(faultOf(nested(jsonLimits.nesting + 1))).toBe('nested-too-deep');
    const objects =
      '{"a":'.repeat(jsonLimits.nesting + 1) + '1' + '}'.repeat(jsonLimits.nesting + 1);
    expect(faultOf(objects)).toBe('nested-too-deep');
    const wide = `[${Array.from({ length: 100 }, () => '[{}]').join()}]`;
    expect(faultOf(wide)).toMatchObject({ value: expect.anything() });
  });

  it('refuses millions of levels in a few milliseconds', () => {
    // Through bytes, so that making the text is not what is measured.
    const deep = Buffer.from('[{"a":'.repeat(2_700_000)).toString('latin1');
    const start = performance.now();
    expect(faultOf(deep)).toBe('nested-too-deep');
    expect(performance.now() - start).toBeLessThan(200);
  });

  it.each(['', '{', '{"a":1}{"a":2}', '\uFEFF{}', "{'a':1}", '"\\', '[1,]', 'NaN'])(
    'is no JSON: %j',
    (text) => {
      expect(faultOf(text)).toBe('not-json');
    },
  );

  it('agrees with JSON.parse on what an object of many strings holds', () => {
    const value = { serials: Array.from({ length: 10_000 }, (_, n) => `${n}:"{[\\`) };
    expect(parseStrictJson(JSON.stringify(value))).toEqual(value);
  });
});
