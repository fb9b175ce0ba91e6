import { paint, type Paint } from './paint.ts';
import { brief } from './brief-json.ts';

/** Prints the demo: chapters, requests, responses, and checks. */
export interface Narrator {
  title(text: string, facts: Readonly<Record<string, string>>): void;
  chapter(text: string): void;
  /** A sentence between requests. */
  say(text: string): void;
  asked(to: string, request: string): void;
  answered(status: number | string, body: unknown): void;
  /** A check; throws `DemoFailed` if it does not hold. */
  proves(holds: boolean, text: string): void;
  failed(error: unknown): void;
  end(next: readonly string[]): void;
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
    wrap(text, width - indent.length, indent);

  return {
    title: (text, facts) => {
      line();
      line(`  ${c.bold(text)}`);
      for (const [name, value] of Object.entries(facts))
        line(`  ${c.dim(name.padEnd(9))} ${value}`);
    },
    chapter: (text) => {
      chapters += 1;
      const head = `${chapters}  ${text} `;
      line();
      line(`  ${c.bold(head)}${c.dim('─'.repeat(Math.max(3, width - head.length - 4)))}`);
    },
    say: (text) => line(wrapped(text, '     ')),
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
    proves: (holds, text) => {
      line(`   ${holds ? c.green('✓') : c.red('✗')} ${wrapped(text, '     ').trimStart()}`);
      if (!holds) throw new DemoFailed(text);
      proofs += 1;
    },
    failed: (error) => {
      line();
      if (!(error instanceof DemoFailed)) {
        line(`  ${c.red('✗')} ${error instanceof Error ? error.message : String(error)}`);
      }
      line(`  ${c.red(c.bold('The demo stopped here.'))} ${proofs} proofs held before.`);
      line();
    },
    end: (next) => {
      line();
      line(`  ${c.green(c.bold(`All ${proofs} proofs hold.`))}`);
      for (const text of next) line(`  ${c.dim(text)}`);
      line();
    },
  };
}

function wrap(text: string, width: number, indent: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    if (lines.at(-1)!.length + word.length + 1 > width && lines.at(-1) !== '') lines.push('');
    const last = lines.length - 1;
    lines[last] = lines[last] === '' ? word : `${lines[last]} ${word}`;
  }
  return lines.map((each) => indent + each).join('\n');
}
