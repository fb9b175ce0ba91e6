import { startJlis } from '../../sandbox/jlis/start-jlis.ts';

/** What the process tells its parent once it serves. */
export interface JlisStarted {
  readonly url: string;
  readonly trustProfile: Record<string, unknown>;
}

/** The simulated J-LIS in a process of its own: its signatures take no time of the measured one. */
const jlis = await startJlis({ port: 0 });
process.once('disconnect', () => void jlis.close());
process.send?.({
  url: jlis.url,
  trustProfile: jlis.trustProfileJson(),
} satisfies JlisStarted);
