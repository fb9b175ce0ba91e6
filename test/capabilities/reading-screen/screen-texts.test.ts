import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  codeTexts,
  situations,
  textOf,
} from '../../../lambdas/capabilities/reading-screen/screen-texts.ts';
import * as readings from '../../../lambdas/capabilities/reading-sessions/contract.ts';
import { everywhere } from '../../../lambdas/platform/http/problems.ts';
import { readerCodes } from '../../../reader/core/codes.ts';

const routes = [
  readings.openReadingSession,
  readings.claimTicket,
  readings.reportReading,
  readings.getReadingSession,
  readings.redeemHandover,
];

/** Known to the screen itself, and to the library's line. */
const own = ['permission-denied', 'agent-unreachable', 'ticket-missing', 'user-number-unknown'];

const japanese = /[\p{sc=Han}\p{sc=Hiragana}]/u;

describe('the texts of the reading screen', () => {
  it('exist for every code of the reader program and of the routes of a reading, and no other', () => {
    const possible = new Set<string>([
      ...readerCodes,
      ...routes.flatMap(({ problems }) => problems),
      ...Object.values(everywhere).flat(),
      ...own,
    ]);
    expect(Object.keys(codeTexts).sort()).toEqual([...possible].sort());
  });

  it('say in Japanese and English what happened, and what staff or the holder do', () => {
    for (const code of Object.keys(codeTexts)) {
      const { situation, text } = textOf(code)!;
      const holder = text.holder ?? situation.holder;
      for (const [ja, en] of [situation.title, situation.staff, text.staff, holder]) {
        expect([code, japanese.test(ja), japanese.test(en)]).toEqual([code, true, false]);
        expect([code, en]).toEqual([code, expect.stringMatching(/^[A-Z].+/)]);
      }
    }
    expect(textOf('toString')).toBeUndefined();
  });

  it('tell a holder at a kiosk nothing that is for staff', () => {
    for (const code of Object.keys(codeTexts)) {
      const { situation, text } = textOf(code)!;
      const [ja, en] = text.holder ?? situation.holder;
      expect([code, ja]).toEqual([code, expect.not.stringMatching(/本人|報告|責任者|担当/)]);
      expect([code, en]).toEqual([code, expect.not.stringMatching(/holder|report|IT\b/)]);
    }
  });

  it('of a My Key ID that is not found say how the person gets one', () => {
    const { situation, text } = textOf('my-key-id-not-found')!;
    expect(situation).toBe(situations['not-registered']);
    expect(text.staff[0]).toMatch(/マイキーIDの発行を選び、暗証番号で/);
    expect(text.holder?.[1]).toMatch(/get one at the counter/);
  });
});

describe.each([
  ['docs/counter.md', 1],
  ['docs/counter.ja.md', 0],
] as const)('the table of %s', (page, language) => {
  it('has every situation with its codes and what staff do, in the words of the screen', () => {
    const rows = [
      ...readFileSync(page, 'utf8').matchAll(/^\| (\S.*?) +\| (`[a-z`, -]+`) +\| (\S.*?) +\|$/gm),
    ].map(([, title, codes, staff]) => [title, codes, staff]);
    const expected = Object.entries(situations).map(([name, { title, staff }]) => [
      title[language],
      Object.entries(codeTexts)
        .filter(([, { situation }]) => situation === name)
        .map(([code]) => `\`${code}\``)
        .join(', '),
      staff[language],
    ]);
    expect(rows).toEqual(expected);
  });
});
