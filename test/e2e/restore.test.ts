import { beforeAll, describe, expect, it } from '@jest/globals';
import { rehearseRestore, type Rehearsal } from '../restore/rehearsal.ts';

describe('tables that were restored under other names', () => {
  let rehearsal: Rehearsal;
  beforeAll(async () => {
    rehearsal = await rehearseRestore(() => {});
  }, 240_000);

  it('give the same PPIDs, links, lists and verdicts', () => {
    const { before, after } = rehearsal;
    expect(new Set(before.ppids).size).toBe(5);
    expect(before.userNumbers).toEqual(['U-0', 'U-1', 'U-2', 'U-3', 'U-4']);
    expect(before.checked).toEqual({ revoked: 1, good: 1 });
    expect(after).toEqual(before);
  });

  it('take every write; the tables of before stay empty', () => {
    expect(rehearsal.copied['Identity']).toBeGreaterThan(5);
    expect(rehearsal.leftBehind).toBe(0);
  });
});
