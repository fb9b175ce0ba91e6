import { CommandFailure, exitCodes } from './run-command.ts';

/**
 * What a command such as `mykey service suspend ID` is asked to do.
 * @param acts by verb
 * @throws CommandFailure without a verb, with one that is not in `acts`, or with more than one id
 */
export function verbOf<Act>(
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
