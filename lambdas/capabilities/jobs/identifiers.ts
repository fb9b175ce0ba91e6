import { ppidForm } from '../../people/ppid.ts';
import { parseSerials, rowState, type SerialFormat } from '../../crl-store/lookup/parse-serials.ts';

/** True if `parseSerials` would accept the text as a serial number. */
export const isSerial = (text: string, format?: SerialFormat): boolean =>
  parseSerials([text], format).states[0] === rowState.sound;

/** Capitals are read as small letters. */
export function parsePpid(text: string): string | undefined {
  const ppid = text.toLowerCase();
  return ppidForm.test(ppid) ? ppid : undefined;
}
