import { afterAll } from '@jest/globals';
import { appendFileSync, mkdirSync } from 'node:fs';

/**
 * Runs before every test file: collects the codes that its tests bring about, for the reporter
 * `codes-reporter.mjs`.
 */
const emitted = new Set<string>();
declare global {
  var codeEmitted: ((code: string) => void) | undefined;
}
globalThis.codeEmitted = (code) => void emitted.add(code);

afterAll(() => {
  mkdirSync('coverage/codes', { recursive: true });
  appendFileSync(`coverage/codes/${process.pid}.txt`, [...emitted, ''].join('\n'));
});
