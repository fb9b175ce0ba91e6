import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { errorCodes } from '../lambdas/errors.ts';

const folder = 'coverage/codes';

/** A run of all tests fails where a code of the catalogue was brought about by none of them. */
export default class CodesReporter {
  #error;
  #isWhole;

  constructor({ testPathPatterns, testNamePattern }) {
    this.#isWhole = testPathPatterns.patterns.length === 0 && !testNamePattern;
  }

  onRunStart() {
    rmSync(folder, { recursive: true, force: true });
  }

  onRunComplete(_contexts, { numFailedTests, numRuntimeErrorTestSuites }) {
    if (!this.#isWhole || numFailedTests + numRuntimeErrorTestSuites > 0) return;
    const missing = neverEmitted();
    if (missing.length === 0) return;
    this.#error = new Error(`no test brings about: ${missing.join(', ')}`);
    console.error(this.#error.message);
  }

  getLastError() {
    return this.#error;
  }
}

function neverEmitted() {
  const emitted = new Set(
    readdirSync(folder).flatMap((file) => readFileSync(`${folder}/${file}`, 'utf8').split('\n')),
  );
  return errorCodes.filter((code) => !emitted.has(code));
}
