import { describe, expect, it } from '@jest/globals';
import { listAnswer } from '../../vectors/own-answer.ts';
import { readVectors } from '../../vectors/vector-data.ts';

const { cases, defaults } = readVectors('lists');

describe('CRLs, RFC 5280 §5 and §6.3', () => {
  it.each(cases.map((one) => [one.sentence, one.clause, one] as const))(
    '%s (%s)',
    async (_sentence, _clause, one) => {
      expect(await listAnswer(one, defaults)).toEqual(one.expected);
    },
  );
});
