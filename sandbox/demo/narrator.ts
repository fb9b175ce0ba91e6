import { paint, type Paint } from './paint.ts';
import { brief } from './brief-json.ts';

/** Prints the demo: chapters, requests, responses, and checks. What people read is in both languages. */
export interface Narrator {
  title(text: string, japanese: string, facts: Readonly<Record<string, string>>): void;
  chapter(text: string, japanese: string): void;
  /** A sentence between requests. */
  say(text: string, japanese: string): void;
  asked(to: string, request: string): void;
  answered(status: number | string, body: unknown): void;
  /** A check; throws `DemoFailed` if it does not hold. */
  proves(holds: boolean, text: string, japanese: string): void;
  failed(error: unknown): void;
  /** @param next what to do next, in English and in Japanese */
  end(...next: readonly string[]): void;
}

/** A check that did not hold. */
export class DemoFailed extends Error {}

export interface Terminal {
  write(text: string): void;
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
}

export function createNarrator(terminal: Terminal): Narrator {
  const c: Paint = paint(terminal.colour);
  const line = (text = ''): void => terminal.write(`${text}\n`);
  const width = Math.min(terminal.width, 100);
  let chapters = 0;
  let proofs = 0;

  const wrapped = (text: string, indent: string): string =>
    wrap(text, width - indent.length)
      .map((each) => indent + each)
      .join('\n');
  const wrappedJapanese = (text: string, indent: string): string =>
    wrapJapanese(text, width - indent.length)
      .map((each) => indent + c.dim(each))
      .join('\n');

  return {
    title: (text, japanese, facts) => {
      line();
      line(`  ${c.bold(text)}`);
      line(`  ${c.bold(japanese)}`);
      for (const [name, value] of Object.entries(facts))
        line(`  ${c.dim(name.padEnd(9))} ${value}`);
    },
    chapter: (text, japanese) => {
      chapters += 1;
      const head = `${chapters}  ${text} `;
      line();
      line(`  ${c.bold(head)}${c.dim('─'.repeat(Math.max(3, width - head.length - 4)))}`);
      line(wrappedJapanese(japanese, '     '));
    },
    say: (text, japanese) => {
      line(wrapped(text, '     '));
      line(wrappedJapanese(japanese, '     '));
    },
    asked: (to, request) => {
      const [method = '', path = '', ...rest] = request.split(' ');
      line();
      line(
        `   ${c.dim('→')} ${c.dim(to.padEnd(8))} ${c.cyan(method)} ${path}${c.dim(
          rest.length > 0 ? `  ${rest.join(' ')}` : '',
        )}`,
      );
    },
    answered: (status, body) => {
      const ok = typeof status === 'string' ? status !== 'failed' : status < 400;
      const label = ok ? c.green(String(status)) : c.red(String(status));
      const text = brief(body, width - 18).replaceAll('\n', `\n${' '.repeat(9)}`);
      line(`   ${c.dim('←')} ${label}  ${text}`);
    },
    proves: (holds, text, japanese) => {
      line(`   ${holds ? c.green('✓') : c.red('✗')} ${wrapped(text, '     ').trimStart()}`);
      line(wrappedJapanese(japanese, '     '));
      if (!holds) throw new DemoFailed(text);
      proofs += 1;
    },
    failed: (error) => {
      line();
      if (!(error instanceof DemoFailed)) {
        line(`  ${c.red('✗')} ${error instanceof Error ? error.message : String(error)}`);
      }
      line(`  ${c.red(c.bold('The demo stopped here.'))} ${proofs} proofs held before.`);
      line(`  ここで止まりました。それまでに ${proofs} 件の確認が成立しました。`);
      line();
    },
    end: (...next) => {
      line();
      line(`  ${c.green(c.bold(`All ${proofs} proofs hold.`))}`);
      line(`  ${c.green(`${proofs} 件の確認がすべて成立しました。`)}`);
      for (const text of next) line(`  ${c.dim(text)}`);
      line();
    },
  };
}

function wrap(text: string, width: number): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    if (lines.at(-1)!.length + word.length + 1 > width && lines.at(-1) !== '') lines.push('');
    const last = lines.length - 1;
    lines[last] = lines[last] === '' ? word : `${lines[last]} ${word}`;
  }
  return lines;
}

const words = new Intl.Segmenter('ja', { granularity: 'word' });

/** Japanese has no spaces to break at: by words, and none begins a line with a closing mark. */
function wrapJapanese(text: string, width: number): readonly string[] {
  const lines = [''];
  for (const { segment } of words.segment(text)) {
    const isClosing = /^[、。」）：；,.)]/.test(segment);
    const last = lines.at(-1)!;
    if (!isClosing && last !== '' && columnsOf(last + segment) > width)
      lines.push(segment.trimStart());
    else lines[lines.length - 1] = last + segment;
  }
  return lines;
}

/** Kana, kanji and full-width marks take two columns (Unicode Standard Annex #11, wide). */
const columnsOf = (text: string): number =>
  Array.from(text).reduce((sum, each) => sum + (each >= '\u2e80' ? 2 : 1), 0);
