import { findRunning, type RunningSandbox } from '../sandbox/running.ts';
import { CommandFailure, exitCodes } from './run-command.ts';

/**
 * The sandbox at `url`; without one the sandbox at port 8080, else any that runs.
 * @param elsewhere what to do where the platform is no sandbox
 * @throws CommandFailure
 */
export async function sandboxFor(url?: string, elsewhere = ''): Promise<RunningSandbox> {
  const sandbox = await findRunning(url);
  if (sandbox !== undefined) return sandbox;
  const where = url === undefined ? 'on this machine' : `at ${url}`;
  throw new CommandFailure(
    `no sandbox of this folder answers ${where}: npm start, or --url${elsewhere}`,
    exitCodes.unavailable,
  );
}
