import type { JWK } from 'jose';
import type { CardView } from '../../sandbox/jlis/control-client.ts';
import type { Answer, PlatformUnderTest } from './platform-under-test.ts';

/** What calls need: tokens of both sides, a card, a service. */
export interface PreparedCalls {
  readonly platform: PlatformUnderTest;
  readonly operatorToken: string;
  /** Of the operator's second person. */
  readonly secondOperatorToken: string;
  readonly clientToken: string;
  /** Of a Type 1 service. */
  readonly counterToken: string;
  readonly counterServiceId: string;
  /** The token of a terminal of that service. */
  readonly terminal: string;
  /** Of a library. */
  readonly libraryToken: string;
  readonly libraryTerminal: string;
  readonly libraryServiceId: string;
  readonly card: CardView;
  readonly serviceId: string;
  readonly jwk: JWK;
  /** With the proof for a service of the name `sampleServiceName`. */
  readonly jwks: { readonly proofs: readonly string[] };
}

export const sampleServiceName = 'Sample service';

/** A request that the route takes, and what it answers then. */
export interface GoodCall {
  readonly status: number;
  /** Whose token; none for a public route. */
  readonly caller?: 'operator' | 'client' | 'counter' | 'library';
  /** The path with its parameters filled in. */
  readonly path?: (prepared: PreparedCalls) => string;
  /** The body of a good request, where it can be known beforehand. */
  readonly json?: (prepared: PreparedCalls) => Record<string, unknown>;
  readonly make: (prepared: PreparedCalls) => Promise<Answer>;
}

export const operatorCall = (
  method: string,
  status: number,
  path: (prepared: PreparedCalls) => string,
  json?: (prepared: PreparedCalls) => Record<string, unknown>,
): GoodCall => ({
  status,
  caller: 'operator',
  path,
  ...(json && { json }),
  make: (prepared) =>
    prepared.platform.call(method, path(prepared), {
      token: prepared.operatorToken,
      ...(json && { json: json(prepared) }),
    }),
});

export const clientCall = (
  method: string,
  status: number,
  path: string,
  json?: (prepared: PreparedCalls) => Record<string, unknown>,
): GoodCall => ({
  status,
  caller: 'client',
  path: () => path,
  ...(json && { json }),
  make: (prepared) =>
    prepared.platform.call(method, path, {
      token: prepared.clientToken,
      ...(json && { json: json(prepared) }),
    }),
});

export const publicCall = (path: string): GoodCall => ({
  status: 200,
  path: () => path,
  make: ({ platform }) => platform.call('GET', path),
});

/** The good calls of a capability's routes, by operation. */
export type GoodCalls = Readonly<Record<string, GoodCall>>;
