import { sweepDeletions, type SweepPorts } from '../../people/erase-person.ts';
import { sweepExpired } from '../../people/sweep-expired.ts';
import type { Retention } from '../../people/retention.ts';

export interface SweepSettings {
  readonly portsAt: (now: number) => Omit<SweepPorts, 'now' | 'timeIsUp'> & {
    readonly retention: Retention;
  };
  /** Time of one run, in milliseconds; shorter than the function's timeout. */
  readonly runMs: number;
  readonly clock?: () => number;
  readonly log?: (line: object) => void;
}

/**
 * Executes the deletions that are due, and deletes records whose period is over. What one run does not finish, the next one does.
 */
export function sweepHandler({ portsAt, runMs, clock = Date.now, ...rest }: SweepSettings) {
  const log = rest.log ?? ((line) => console.log(JSON.stringify(line)));
  return async (): Promise<object> => {
    const now = clock();
    const timeIsUp = (): boolean => clock() - now > runMs;
    const ports = { ...portsAt(now), now, timeIsUp };
    const swept = await sweepDeletions(ports);
    log({ event: 'deletions-swept', ...swept });
    const expired = await sweepExpired(ports);
    log({ event: 'expired-swept', ...expired });
    return { ...swept, expired };
  };
}
