import { randomBytes } from 'node:crypto';
import { PlatformClient } from '../platform-client.ts';
import { StepNotRun, type SmokeTarget } from './smoke-target.ts';

interface Sources {
  readonly sources: readonly {
    readonly anchor: string;
    readonly scope: string;
    readonly state: string;
  }[];
}

interface Checked {
  readonly counts: { readonly total: number; readonly good: number };
  readonly evidence?: { readonly crlNumber: string; readonly ageSeconds: number };
  readonly why?: string;
}

const serials = 1_000;

/** Random serials that no authority has issued: every loaded list reports them as good. */
export async function bulkCheck({ identity }: SmokeTarget): Promise<string> {
  const client = new PlatformClient(identity);
  const { sources } = await client.request<Sources>('GET', '/v1/revocations/sources');
  const full = sources.find(({ scope, state }) => scope === 'full' && state === 'current');
  if (full === undefined)
    throw new StepNotRun('no full list is loaded: run the first ingestion (docs/deploy.md)');
  const { counts, evidence, why } = await client.request<Checked>('POST', '/v1/revocations/check', {
    issuer: full.anchor,
    serialFormat: 'hex',
    serials: Array.from({ length: serials }, () => `4${randomBytes(15).toString('hex')}`),
  });
  if (evidence === undefined || counts.good !== serials)
    throw new Error(`${counts.good} of ${counts.total} serials are good${why ? `: ${why}` : ''}`);
  return `${counts.total} serials by list ${evidence.crlNumber} of ${full.anchor}, ${evidence.ageSeconds} s old`;
}
