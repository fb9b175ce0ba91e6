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
    narrator.chapter('A chapter', '一つの章');
    narrator.asked('service', 'POST /v1/challenges');
    narrator.answered(201, { expiresAt: 'soon' });
    narrator.proves(true, 'it holds', '成り立つ');
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
    narrator.proves(true, 'one', '一');
    expect(() => narrator.proves(false, 'two', '二')).toThrow(DemoFailed);
    narrator.failed(new DemoFailed('two'));
    expect(told()).toContain('✗ two');
    expect(told()).toContain('1 proofs held before');
    expect(told()).toContain('それまでに 1 件');
  });

  it('says in Japanese beneath what it says in English', () => {
    const { narrator, told } = narratorTo(false);
    narrator.title('The demo', '体験', {});
    narrator.chapter('A chapter', '一つの章');
    narrator.say('Wait:', '待つ：');
    narrator.proves(true, 'it holds', '成り立つ');
    narrator.end('Go on.', '続ける。');
    const lines = told().split('\n');
    for (const [english, japanese] of [
      ['The demo', '体験'],
      ['1  A chapter', '一つの章'],
      ['Wait:', '待つ：'],
      ['✓ it holds', '成り立つ'],
      ['All 1 proofs hold.', '1 件の確認がすべて成立しました。'],
      ['Go on.', '続ける。'],
    ] as const) {
      const at = lines.findIndex((line) => line.includes(english));
      expect([english, lines[at + 1]!.trim()]).toEqual([english, japanese]);
    }
  });

  it('breaks Japanese at the width of the terminal, never before a closing mark', () => {
    const { narrator, told } = narratorTo(false);
    const sentence = 'カードは請求の内容そのものに署名した。';
    narrator.proves(true, 'it holds', sentence.repeat(5));
    const lines = told().split('\n').slice(1, -1);
    expect(lines.map((line) => line.trim()).join('')).toBe(sentence.repeat(5));
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) {
      // 80 columns; a closing mark may hang over.
      expect(line.trim().replace(/[。、]+$/, '').length * 2).toBeLessThanOrEqual(75);
      expect(line.trim()).not.toMatch(/^[。、]/);
    }
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
