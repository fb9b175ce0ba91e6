import { parseSerials, rowState, type SerialFormat } from '../../crl-store/lookup/parse-serials.ts';

/** True if `parseSerials` would accept the text as a serial number. */
export const isSerial = (text: string, format?: SerialFormat): boolean =>
  parseSerials([text], format).states[0] === rowState.sound;

/** 160 bits in lower-case base32. */
export function parsePpid(text: string): string | undefined {
  const ppid = text.toLowerCase();
  return /^[a-z2-7]{32}$/.test(ppid) ? ppid : undefined;
}
