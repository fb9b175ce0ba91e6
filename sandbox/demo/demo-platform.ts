import { control } from '../jlis/control-client.ts';
import type { DemoClock } from './demo-clock.ts';
import type { Narrator } from './narrator.ts';
import type { PlatformIdentity } from './platform-session.ts';

/** The sandbox that the demo uses, accessed over HTTP only. */
export interface DemoPlatform {
  readonly narrator: Narrator;
  /** Base URL of the platform. */
  readonly url: string;
  /** Base URL of the simulated J-LIS. */
  readonly jlisUrl: string;
  readonly operator: PlatformIdentity;
  /** Runs the platform's nightly ingestion now, and prints so; false if it failed. */
  readonly ingest: () => Promise<boolean>;
  readonly clock: DemoClock;
  /** The sandbox's clock may be moved on by days, and stays there: its lists never go back. */
  readonly mayMoveByDays: boolean;
  /** Seconds by which the sandbox's clock is ahead of the machine's. */
  readonly skewSeconds: number;
}

/** One narrated call of the J-LIS control API. */
export async function atJlis<Answer extends object>(
  platform: DemoPlatform,
  path: string,
  body: object,
  told: (answer: Answer) => unknown,
): Promise<Answer & { readonly status: number }> {
  const shown = Object.keys(body).length > 0 ? ` ${JSON.stringify(shorten(body))}` : '';
  platform.narrator.asked('J-LIS', `POST /control/${path}${shown}`);
  const answer = await control<Answer>(platform.jlisUrl, path, body);
  platform.narrator.answered(answer.status, told(answer));
  return answer;
}

const shorten = (body: object): object =>
  Object.fromEntries(
    Object.entries(body).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'string' && value.length > 16 ? `${value.slice(0, 8)}…` : value,
    ]),
  );
