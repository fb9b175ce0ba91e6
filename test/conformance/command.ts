import { parseArgs } from 'node:util';
import { InputFiles } from '../../cli/input-files.ts';
import { oneOf, usageFailure } from '../../cli/option-text.ts';
import { runCommand } from '../../cli/run-command.ts';
import { questionFrom, questionOptions, questionUsage } from '../../cli/verify-options.ts';
import { runLines } from './run-lines.ts';
import { peerNames, runVectors } from './run-vectors.ts';

const usage = `
Usage: npm run conformance -- --lines FILE [options]
       npm run conformance -- --vectors [--peer openssl|python|jdk]

Runs a test suite through the engine: one case a line, one answer a line. Nothing is fetched. docs/conformance.md
lists the fields of a case and says what it becomes for a dozen public suites.

  --lines FILE          JSON Lines (or one JSON array), "-" is standard input. Prints one JSON report a
                        line: id, verdict, code, …, and asExpected where the case says what it expects;
                        progress and sums on stderr

  --vectors             the project's own vectors (docs/vectors.md) through this engine and those of
                        OpenSSL, Python's cryptography and the JDK that are present, or the one --peer;
                        prints agreement and the classified differences, 1 where one is not classified

What a case leaves out comes from the options:

${questionUsage}

Exit code: 0 when every case is valid or, where it says what it expects, as expected; else 1, or 2 when
only indeterminate ones stand against it; 64 wrong usage or a line that is no case, 65 a file is not
what its option takes, 66 a file cannot be opened, 70 a fault of the command.
`;

/** `npm run conformance`; the exit code. */
export function run(argv: readonly string[]): Promise<number> {
  return runCommand(
    'conformance',
    usage,
    argv,
    async () => {
      const { values } = parseArgs({
        args: [...argv],
        options: {
          ...questionOptions,
          lines: { type: 'string' },
          vectors: { type: 'boolean', default: false },
          peer: { type: 'string' },
        },
      });
      if (values.vectors) return runVectors(oneOf(values.peer, peerNames, '--peer'));
      if (values.lines === undefined) throw usageFailure('--lines or --vectors is missing');
      const files = new InputFiles();
      return runLines(files.stream(values.lines), await questionFrom(values, files));
    },
    { title: 'conformance', call: 'npm run conformance --' },
  );
}
