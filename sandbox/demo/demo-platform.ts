import { control } from '../jlis/control-client.ts';
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
  /** Starts the platform's scheduled ingestion now; returns how, for the narration. */
  readonly ingest: () => Promise<{ readonly asked: string; readonly answer: object }>;
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
