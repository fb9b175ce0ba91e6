import { isCodedError } from '../lambdas/errors.ts';

/** sysexits.h, so that scripts can distinguish a mistyped option from an unavailable platform. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 64,
  /** A file was read, but its content is not of the expected kind. */
  dataUnreadable: 65,
  inputUnreadable: 66,
  unavailable: 69,
  /** An internal error of the command, distinct from the verdict "invalid". */
  software: 70,
  interrupted: 130,
} as const;

/** Ends a command with a one-line message and an exit code; never a stack trace. */
export class CommandFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}

/**
 * `--help` prints the usage; an error thrown by `action` becomes one line on stderr and an exit
 * code.
 */
export async function runCommand(
  name: string,
  usage: string,
  argv: readonly string[],
  action: () => Promise<number>,
  { title = `mykey ${name}`, call = `npx mykey ${name}` } = {},
): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(usage.trim());
    return exitCodes.ok;
  }
  try {
    return await action();
  } catch (error) {
    const failure = asFailure(error);
    console.error(`${title}: ${failure.message}`);
    if (failure.exitCode === exitCodes.usage) {
      console.error(`${call} --help shows the usage`);
    }
    return failure.exitCode;
  }
}

/** For a mandatory option. */
export function required<T>(value: T | undefined, option: string): T {
  if (value === undefined) throw new CommandFailure(`${option} is missing`, exitCodes.usage);
  return value;
}

/** What to do about a file, by the code of the system's error. */
const fileCures: Readonly<Record<string, string>> = {
  ENOENT: 'check the path: no such file or folder is there',
  ENOTDIR: 'check the path: a part of it is no folder',
  EISDIR: 'give a file: this is a folder',
  EACCES: 'change its permissions: this user may not read or write it',
  ENAMETOOLONG: 'give a shorter path',
};

function asFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = typeof message === 'string' ? message : String(error);
  // node:util parseArgs names its errors ERR_PARSE_ARGS_…
  if (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS')) {
    return new CommandFailure(text, exitCodes.usage);
  }
  const cure = fileCures[String(code)];
  if (cure !== undefined) {
    const { path } = error as { path?: unknown };
    const where = typeof path === 'string' ? `${path}: ` : '';
    return new CommandFailure(`${where}${cure}`, exitCodes.inputUnreadable, { cause: error });
  }
  // A file was read but is not of the expected kind, such as a trust profile.
  if (isCodedError(error)) return new CommandFailure(text, exitCodes.usage);
  return new CommandFailure(text, exitCodes.software);
}
