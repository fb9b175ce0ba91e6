import { sweepDeletions, type SweepPorts } from '../../people/erase-person.ts';

export interface SweepSettings {
  readonly portsAt: (now: number) => Omit<SweepPorts, 'now' | 'timeIsUp'>;
  /** Time of one run, in milliseconds; shorter than the function's timeout. */
  readonly runMs: number;
  readonly clock?: () => number;
  readonly log?: (line: object) => void;
}

/** Executes the deletions that are due. What one run does not finish, the next one does. */
export function sweepHandler({ portsAt, runMs, clock = Date.now, ...rest }: SweepSettings) {
  const log = rest.log ?? ((line) => console.log(JSON.stringify(line)));
  return async (): Promise<object> => {
    const now = clock();
    const timeIsUp = (): boolean => clock() - now > runMs;
    const swept = await sweepDeletions({ ...portsAt(now), now, timeIsUp });
    log({ event: 'deletions-swept', ...swept });
    return swept;
  };
}
