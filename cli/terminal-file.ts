import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { CommandFailure, exitCodes } from './run-command.ts';

const fileSchema = z.strictObject({
  version: z.literal(1),
  /** The platform that issued the token. */
  platform: z.string(),
  terminalId: z.string(),
  token: z.string(),
});

export type TerminalFile = Omit<z.infer<typeof fileSchema>, 'version'>;

/** Readable by this account alone: whoever has the token can claim the service's tickets. */
export function writeTerminalFile(path: string, terminal: TerminalFile): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify({ version: 1, ...terminal }, null, 2)}\n`, {
    mode: 0o600,
  });
  renameSync(beside, path);
}

/**
 * @returns undefined if the machine was never paired, or with another platform
 * @throws CommandFailure if the file is unreadable
 */
export function readTerminalFile(path: string, platform: string): TerminalFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const read = fileSchema.safeParse(parsed(text));
  if (!read.success) {
    // Without `cause`: it may quote the token.
    throw new CommandFailure(`${path}: pair this machine anew`, exitCodes.dataUnreadable);
  }
  return samePlatform(read.data.platform, platform) ? read.data : undefined;
}

const samePlatform = (a: string, b: string): boolean =>
  a.replace(/\/$/, '') === b.replace(/\/$/, '');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
