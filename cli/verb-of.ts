import { type ClientOptionValues, identityFrom } from './client-options.ts';
import { PlatformClient } from './platform-client.ts';
import { CommandFailure, exitCodes, runCommand } from './run-command.ts';

/**
 * What a command such as `mykey service suspend ID` is asked to do.
 * @param acts by verb
 * @throws CommandFailure without a verb, with one that is not in `acts`, or with more than one id
 */
function verbOf<Act>(
  positionals: readonly string[],
  acts: Readonly<Record<string, Act>>,
): { readonly act: Act; readonly id: string | undefined } {
  const [verb = '', id, ...more] = positionals;
  const act = Object.hasOwn(acts, verb) ? acts[verb] : undefined;
  if (act === undefined)
    throw new CommandFailure(`say one of ${Object.keys(acts).join(', ')}`, exitCodes.usage);
  if (more.length > 0) throw new CommandFailure('one ID at a time', exitCodes.usage);
  return { act, id };
}

/** What a verb is given: the platform as the client of the options, the options, the id after it. */
export interface VerbCall<Values> {
  readonly platform: PlatformClient;
  readonly values: Values;
  readonly id: string | undefined;
}

/**
 * Runs the verb of a command that calls the platform as a client.
 * @param parse reads options and positional arguments
 * @returns the exit code
 */
export function runVerb<Values extends ClientOptionValues>(
  command: { readonly name: string; readonly usage: string },
  argv: string[],
  parse: (argv: string[]) => { readonly values: Values; readonly positionals: readonly string[] },
  verbs: Readonly<Record<string, (call: VerbCall<Values>) => Promise<void>>>,
): Promise<number> {
  return runCommand(command.name, command.usage, argv, async () => {
    const { values, positionals } = parse(argv);
    const { act, id } = verbOf(positionals, verbs);
    await act({ platform: new PlatformClient(await identityFrom(values)), values, id });
    return exitCodes.ok;
  });
}
