import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { OpenQuoteGuard } from '../../../lambdas/capabilities/jobs/open-quote.ts';

/** Is the file refused, when its bytes arrive in pieces of this size. */
const guarded = (text: string, piece: number): boolean => {
  const bytes = Buffer.from(text);
  const guard = new OpenQuoteGuard();
  try {
    for (let at = 0; at < bytes.length; at += piece) guard.push(bytes.subarray(at, at + piece));
    guard.end();
    return false;
  } catch {
    return true;
  }
};

const plain = fc.string({ unit: fc.constantFrom('a', '0', ' ', '番'), maxLength: 4 });
const content = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' '), maxLength: 6 });
const field = fc.oneof(
  plain.map((text) => ({ text, breaks: false })),
  content.map((text) => ({
    text: `"${text.replaceAll('"', '""')}"`,
    breaks: /[\r\n]/.test(text),
  })),
);
const file = fc.array(
  fc.tuple(
    fc.array(field, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('\n', '\r\n', '\r', '\n\n'),
  ),
  { maxLength: 6 },
);

it('finds line breaks inside fields of any file by RFC 4180, however its bytes arrive', () => {
  fc.assert(
    fc.property(file, fc.integer({ min: 1, max: 9 }), (records, piece) => {
      const text = records
        .map(([fields, end]) => `${fields.map((each) => each.text).join(',')}${end}`)
        .join('');
      const breaks = records.some(([fields]) => fields.some((each) => each.breaks));
      expect(guarded(text, piece)).toBe(breaks);
    }),
    { numRuns: 5000 },
  );
});
