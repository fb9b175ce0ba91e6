import { describe, expect, it } from '@jest/globals';
import { createProgressBar } from '../../cli/progress-bar.ts';
import { createProgressPhases } from '../../cli/progress-phases.ts';

function recorded(isTTY: boolean, unit: 'bytes' | 'rows' = 'rows') {
  let text = '';
  let time = 0;
  const stream = { isTTY, columns: 80, write: (more: string) => (text += more) };
  const bar = createProgressBar({ label: 'check', unit, stream, now: () => time });
  return {
    bar,
    at(ms: number, done: number, total?: number) {
      time = ms;
      bar.update(done, total);
    },
    get text() {
      return text;
    },
  };
}

describe('a progress bar', () => {
  it('is one line that is drawn again on a terminal', () => {
    const record = recorded(true);
    record.at(0, 0, 1000);
    record.at(50, 100, 1000);
    record.at(1000, 500, 1000);
    record.bar.finish();
    const drawn = record.text.split('\r').slice(1);
    expect(drawn).toHaveLength(3);
    expect(drawn[1]).toMatch(/^check {2}\[#+\.+\] {2}50% {2}500 rows of 1,000 rows {2}500 rows\/s/);
    expect(record.text.endsWith('\n')).toBe(true);
  });

  it('is a plain line now and then elsewhere, with no control characters', () => {
    const record = recorded(false);
    for (let ms = 0; ms <= 12_000; ms += 100) record.at(ms, ms, 12_000);
    record.bar.finish();
    const lines = record.text.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    // oxlint-disable-next-line no-control-regex -- that there are none is the point
    expect(record.text).not.toMatch(/[\r\u001b]/);
    expect(lines[2]).toContain('100%');
  });

  it('shows bytes, and an amount without a total', () => {
    const record = recorded(false, 'bytes');
    record.at(6000, 12_000_000);
    expect(record.text).toBe('check  12.0 MB  2.0 MB/s  6 s\n');
    const small = recorded(false, 'bytes');
    small.at(0, 523, 523);
    small.bar.finish();
    expect(small.text).toBe('check  100%  523 B of 523 B  0 s\n');
  });

  it('prints 100 % once in a log, even after late updates', () => {
    const record = recorded(false);
    for (let ms = 0; ms <= 30_000; ms += 1000) record.at(ms, Math.min(ms, 8000), 8000);
    record.bar.finish();
    record.bar.finish();
    expect(record.text.match(/100%/g)).toHaveLength(1);
  });

  it('ends its line before an error, and shows no completion', () => {
    const [terminal, log, early] = [recorded(true), recorded(false), recorded(true)];
    terminal.at(0, 500, 1000);
    log.at(0, 500, 1000);
    for (const { bar } of [terminal, log, early]) {
      bar.stop();
      bar.finish();
    }
    expect(terminal.text).toMatch(/50%[^\r\n]*\n$/);
    expect([log.text, early.text]).toEqual(['', '']);
  });
});

describe('progress in phases', () => {
  it('ends each with its 100 % before the next begins', () => {
    let text = '';
    const stream = { isTTY: false, write: (more: string) => (text += more) };
    const phases = createProgressPhases({ stream, now: () => 0 });
    phases.begin('verify', 'bytes').update(5000, 5000);
    phases.begin('write', 'pages').update(7, 7);
    phases.finish();
    expect(text).toBe(
      'verify  100%  5.0 kB of 5.0 kB  0 s\nwrite  100%  7 pages of 7 pages  0 s\n',
    );
  });
});
