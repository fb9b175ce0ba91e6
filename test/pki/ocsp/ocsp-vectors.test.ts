import { describe, expect, it } from '@jest/globals';
import { ocspAnswer } from '../../vectors/own-answer.ts';
import { readVectors } from '../../vectors/vector-data.ts';

const { cases, defaults } = readVectors('ocsp');

describe('OCSP responses, RFC 6960 and 9654', () => {
  it.each(cases.map((one) => [one.sentence, one.clause, one] as const))(
    '%s (%s)',
    async (_sentence, _clause, one) => {
      expect(await ocspAnswer(one, defaults)).toEqual(one.expected);
    },
  );
});
