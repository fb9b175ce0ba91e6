import { spawn } from 'node:child_process';
import type { LoanLineFormat } from '../reader/library/loan-line.ts';
import { CommandFailure, exitCodes } from './run-command.ts';

/**
 * Types a line into the window that has the focus, as a barcode reader does, by `xdotool` on X11. The
 * number goes through standard input, not through the command line that other programs can see.
 * @throws CommandFailure if the number is not of printable ASCII, which every keyboard layout has, or
 *   xdotool cannot type
 */
export async function typeLine(
  userNumber: string,
  suffix: LoanLineFormat['suffix'],
): Promise<void> {
  if (!/^[\x20-\x7e]+$/.test(userNumber)) {
    throw new CommandFailure(
      '--type: use standard output: the number has characters that no key has',
    );
  }
  await xdotool(['type', '--clearmodifiers', '--delay', '8', '--file', '-'], userNumber);
  const key = { enter: 'Return', tab: 'Tab', none: undefined }[suffix];
  if (key !== undefined) await xdotool(['key', '--clearmodifiers', key], '');
}

const xdotool = (args: readonly string[], input: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const failed = (): void =>
      reject(
        new CommandFailure(
          '--type: install xdotool and run in an X11 session (DISPLAY)',
          exitCodes.unavailable,
        ),
      );
    const child = spawn('xdotool', args, {
      env: process.env,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.once('error', failed);
    child.once('close', (code) => (code === 0 ? resolve() : failed()));
    child.stdin.on('error', () => undefined).end(input);
  });
