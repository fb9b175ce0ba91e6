import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { ReaderCode } from '../core/codes.ts';
import { ReaderError } from '../core/reader-error.ts';
import {
  acceptedSchema,
  agentVersion,
  instructionsSchema,
  pairedTerminalSchema,
  problemSchema,
  protocolVersion,
  type Instructions,
  type PairedTerminal,
  type ReadingResult,
} from '../protocol.ts';
import { agentLimits } from './limits.ts';

/** The platform's interface to the agent. */
export interface ReadingPlatform {
  /** Claims a ticket, which succeeds once; claims by others are refused. */
  claim(ticket: string): Promise<Instructions>;
  report(
    resultToken: string,
    result: ReadingResult,
  ): Promise<{ readonly handover?: string | undefined }>;
}

export interface ReadingPlatformClient extends ReadingPlatform {
  /** Exchanges a pairing code for the token of this machine's terminal. */
  pair(code: string): Promise<PairedTerminal>;
}

/**
 * @param url HTTPS, or HTTP on this machine's loopback (the sandbox)
 * @param terminal the token of this machine's pairing with the service
 */
export function platformAt(url: string, terminal?: string): ReadingPlatformClient {
  const base = new URL(url);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(base.hostname);
  if (base.protocol !== 'https:' && !(base.protocol === 'http:' && loopback)) {
    throw new RangeError('the platform is reached over https');
  }
  // An API without a custom domain has its stage in the path.
  const stage = base.pathname.replace(/\/$/, '');
  const call = async (path: string, body: unknown, token?: string): Promise<unknown> => {
    let response: Response;
    try {
      response = await fetch(new URL(stage + path, base), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(agentLimits.platformTimeoutMs),
      });
    } catch {
      // Without `cause`: it may quote the request.
      throw new ReaderError('platform-unreachable');
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer;
    const problem = problemSchema.safeParse(answer);
    const platformCode = problem.success ? problem.data.code : undefined;
    // A 5xx without a code is of something before the platform.
    const isAway = platformCode === undefined && response.status >= 500;
    const code =
      refusals.get(platformCode ?? '') ?? (isAway ? 'platform-unreachable' : 'platform-refused');
    throw new ReaderError(code, platformCode === undefined ? {} : { platformCode });
  };
  /** Both calls can be repeated: the platform recognises the same claim and the same result. */
  const callTwice: typeof call = async (...request) => {
    try {
      return await call(...request);
    } catch (error) {
      if (!(error instanceof ReaderError) || !isPassing(error)) throw error;
      await setTimeout(agentLimits.repeatAfterMs);
      return call(...request);
    }
  };
  return {
    claim: async (ticket) => {
      const answer = await callTwice('/v1/reading-sessions/claim', {
        ticket,
        ...(terminal !== undefined && { terminal }),
        protocol: protocolVersion,
        agentVersion,
        attempt: randomBytes(24).toString('base64url'),
      });
      const instructions = instructionsSchema.safeParse(answer);
      if (instructions.success) return instructions.data;
      throw new ReaderError('platform-refused', { step: 'instructions' });
    },
    pair: async (code) => {
      const paired = pairedTerminalSchema.safeParse(await call('/v1/terminals/pairings', { code }));
      if (paired.success) return paired.data;
      throw new ReaderError('platform-refused', { step: 'pairing' });
    },
    report: async (resultToken, result) => {
      const answer = await callTwice('/v1/reading-sessions/result', result, resultToken);
      return acceptedSchema.catch({}).parse(answer ?? {});
    },
  };
}

/** Faults after which the outcome is unknown. */
const isPassing = ({ code, details }: ReaderError): boolean =>
  code === 'platform-unreachable' ||
  ['dependency-unavailable', 'internal-error'].includes(String(details.platformCode));

const refusals: ReadonlyMap<string, ReaderCode> = new Map([
  ['ticket-invalid', 'ticket-invalid'],
  ['ticket-used', 'ticket-used'],
  ['agent-outdated', 'agent-outdated'],
  ['terminal-not-paired', 'terminal-not-paired'],
]);
