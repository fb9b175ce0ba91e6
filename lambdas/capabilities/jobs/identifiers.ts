import { parseSerials, rowState, type SerialFormat } from '../../crl-store/lookup/parse-serials.ts';

/** Does a text read as a serial, as `parseSerials` understands it. */
export const isSerial = (text: string, format?: SerialFormat): boolean =>
  parseSerials([text], format).states[0] === rowState.sound;

/** 160 bits in base32, lower case. */
export function parsePpid(text: string): string | undefined {
  const ppid = text.toLowerCase();
  return /^[a-z2-7]{32}$/.test(ppid) ? ppid : undefined;
}
