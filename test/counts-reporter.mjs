import { mkdirSync, writeFileSync } from 'node:fs';

/** Prints the run's totals as one plain line, and leaves it in coverage/counts.txt for `.ci/run`. */
export default class CountsReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const line = `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`;
    mkdirSync('coverage', { recursive: true });
    writeFileSync('coverage/counts.txt', `${line}\n`);
    console.log(line);
  }
}
