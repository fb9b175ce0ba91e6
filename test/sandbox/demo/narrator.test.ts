import { describe, expect, it } from '@jest/globals';
import { brief } from '../../../sandbox/demo/brief-json.ts';
import { createNarrator, DemoFailed, type Narrator } from '../../../sandbox/demo/narrator.ts';
import { wantsColour } from '../../../sandbox/demo/paint.ts';

function narratorTo(colour: boolean): { narrator: Narrator; told: () => string } {
  let text = '';
  const narrator = createNarrator({ write: (more) => void (text += more), colour, width: 80 });
  return { narrator, told: () => text };
}

describe('the demo on a terminal', () => {
  it('is plain text where colour is not wanted', () => {
    const { narrator, told } = narratorTo(false);
    narrator.chapter('A chapter');
    narrator.asked('service', 'POST /v1/challenges');
    narrator.answered(201, { expiresAt: 'soon' });
    narrator.proves(true, 'it holds');
    expect(told()).not.toContain('\u001B');
    expect(told()).toContain('→ service  POST /v1/challenges');
    expect(told()).toContain('← 201  { expiresAt: "soon" }');
    expect(told()).toContain('✓ it holds');
  });

  it('is coloured where it is', () => {
    const { narrator, told } = narratorTo(true);
    narrator.answered(422, {});
    expect(told()).toContain('\u001B[31m422');
  });

  it.each([
    ['a terminal', { isTTY: true }, {}, true],
    ['a pipe', {}, {}, false],
    ['a terminal with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
    ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false],
  ])('wants colour on %s or not', (_which, stream, environment, wanted) => {
    expect(wantsColour(stream, environment)).toBe(wanted);
  });

  it('stops at a proof that does not hold, and says how many held', () => {
    const { narrator, told } = narratorTo(false);
    narrator.proves(true, 'one');
    expect(() => narrator.proves(false, 'two')).toThrow(DemoFailed);
    narrator.failed(new DemoFailed('two'));
    expect(told()).toContain('✗ two');
    expect(told()).toContain('1 proofs held before');
  });
});

describe('JSON for reading', () => {
  it('stays on one line where it fits', () => {
    expect(brief({ a: 1, b: ['x', null], c: undefined }, 80)).toBe('{ a: 1, b: ["x", null] }');
  });

  it('cuts what is bytes, never an address', () => {
    expect(brief('A'.repeat(41), 80)).toBe(`"${'A'.repeat(20)}…"`);
    const address = `http://127.0.0.1/${'a'.repeat(40)}`;
    expect(brief(address, 80)).toBe(`"${address}"`);
  });

  it('puts as many members on a line as fit, and indents what is inside', () => {
    const value = {
      one: 'aaaaaaaa',
      two: 'bbbbbbbb',
      inner: { three: 'cccccccc', four: 'dddddddd' },
    };
    expect(brief(value, 40).split('\n')).toEqual([
      '{ one: "aaaaaaaa", two: "bbbbbbbb",',
      '  inner: { three: "cccccccc",',
      '    four: "dddddddd" } }',
    ]);
  });
});
