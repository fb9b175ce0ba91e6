import { describe, expect, it } from '@jest/globals';
import { pathAnswer } from '../../vectors/own-answer.ts';
import { readVectors } from '../../vectors/vector-data.ts';

const { cases, defaults } = readVectors('paths');

describe('certification paths by vectors', () => {
  it.each(cases.map((one) => [one.sentence, one.clause, one] as const))(
    '%s (%s)',
    (_s, _c, one) => {
      const answer = pathAnswer(one, defaults);
      if (answer.verdict === 'invalid') globalThis.codeEmitted?.(answer.code);
      expect(answer).toMatchObject(one.expected);
    },
  );
});
