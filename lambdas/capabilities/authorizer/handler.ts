import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import type { TokenKey } from '../tokens/token-key.ts';
import { isCodedError, MyKeyError } from '../../errors.ts';
import { keyThumbprint } from '../services/client-jwks.ts';
import type { Client } from '../services/service.ts';
import { usageKeyValue } from '../services/usage-key.ts';
import type { ServiceRegistry } from '../services/service-registry.ts';
import type { Caller } from '../../platform/http/operation-call.ts';
import { claimedClient } from '../tokens/claimed-client.ts';
import { verifyAccessToken, type TokenClaims } from '../tokens/access-token.ts';
import { describe, writeJsonLine, type LogSink } from '../../platform/http/request-log.ts';

export interface AuthorizerDependencies {
  readonly tokenKey: TokenKey;
  readonly service: ServiceRegistry['service'];
  /** The client's current registration; the operator's is part of the deployment. */
  readonly client: (clientId: string) => Promise<Omit<Client, 'scopes'> | undefined>;
  readonly operatorClientId: string;
  readonly publicBaseUrl: string;
  /** Identifies the deployment's API keys. */
  readonly stage: string;
  readonly clock?: () => number;
  readonly log?: LogSink;
}

/** The parts of API Gateway's REQUEST authorizer event that are used. */
export interface AuthorizerEvent {
  readonly methodArn: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly requestContext?: { readonly requestId?: string };
}

/**
 * Verifies the access token (RFC 9068 §4) and that client, key and service still have the state
 * they had at issuance; a withdrawal takes effect when the gateway's one-minute cache expires.
 * Allows every route of the stage, because the gateway caches the policy for all uses of the token;
 * each route checks its own scope. Denials carry their error code for the gateway's 401 response.
 */
export function authorizerHandler(dependencies: AuthorizerDependencies) {
  return async (event: AuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
    const log = dependencies.log ?? writeJsonLine;
    const line: Record<string, unknown> = {
      operation: 'authorize',
      requestId: event.requestContext?.requestId ?? 'none',
    };
    try {
      const now = (dependencies.clock ?? Date.now)();
      const token = bearerOf(event);
      line['claimedClientId'] = claimedClient(token);
      const claims = await verifyAccessToken(
        dependencies.tokenKey,
        token,
        dependencies.publicBaseUrl,
        now,
      );
      line['clientId'] = claims.clientId;
      line['serviceId'] = claims.serviceId;
      const { caller, usageKey } = await callerOf(claims, dependencies);
      return allow(event.methodArn, caller, usageKey);
    } catch (error) {
      if (!isCodedError(error) || error.code === 'dependency-unavailable') {
        log({ level: 'error', ...line, cause: describe(error) });
        throw error;
      }
      log({ level: 'info', ...line, code: error.code });
      return deny(event.methodArn, error.code);
    }
  };
}

/** RFC 6750 §2.1: one or more spaces before the token. */
function bearerOf(event: AuthorizerEvent): string {
  const header = Object.entries(event.headers ?? {}).find(
    ([name]) => name.toLowerCase() === 'authorization',
  )?.[1];
  if (header === undefined || header === '')
    throw new MyKeyError('token-missing', 'no access token');
  // Our own tokens have about 700 characters, far below 4,096.
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header.slice(0, 4096))?.[1];
  if (token === undefined)
    throw new MyKeyError('token-invalid', 'send Authorization: Bearer with an access token');
  return token;
}

async function callerOf(
  { clientId, serviceId, keyThumbprint: proved, scopes }: TokenClaims,
  dependencies: AuthorizerDependencies,
): Promise<{ readonly caller: Caller; readonly usageKey: string }> {
  const isOperator = clientId === dependencies.operatorClientId;
  const [client, service] = await Promise.all([
    dependencies.client(clientId),
    isOperator ? operatorService : dependencies.service(serviceId),
  ]);
  if (client === undefined || client.serviceId !== serviceId) {
    throw new MyKeyError('token-invalid', 'the client no longer exists');
  }
  if (!client.keys.some((key) => keyThumbprint(key) === proved)) {
    throw new MyKeyError('token-invalid', 'request a new token: the client key was replaced');
  }
  if (service === undefined) throw new MyKeyError('token-invalid', 'the service no longer exists');
  const { status: serviceState, type: serviceType, sectorId } = service;
  const perDay = 'checkedIdentifiersPerDay' in service && service.checkedIdentifiersPerDay;
  return {
    caller: {
      clientId,
      clientKey: proved,
      serviceId,
      serviceState,
      serviceType,
      sectorId,
      scopes,
      ...(perDay && { checkedIdentifiersPerDay: perDay }),
    },
    usageKey: usageKeyValue(
      dependencies.stage,
      isOperator ? 'operator' : (client.usageKey ?? 'earlier'),
    ),
  };
}

/** The operator is not a registered service. */
const operatorService = { status: 'active', type: 'operator', sectorId: 'operator' } as const;

/** @param usageIdentifierKey the API key whose usage plan the gateway charges for the request */
function allow(
  methodArn: string,
  caller: Caller,
  usageIdentifierKey: string,
): APIGatewayAuthorizerResult {
  const { scopes, ...context } = caller;
  return {
    principalId: caller.clientId,
    policyDocument: policy('Allow', methodArn),
    context: { ...context, scopes: scopes.join(' ') },
    usageIdentifierKey,
  };
}

const deny = (methodArn: string, code: string): APIGatewayAuthorizerResult => ({
  principalId: 'nobody',
  policyDocument: policy('Deny', methodArn),
  context: { code },
});

const policy = (Effect: 'Allow' | 'Deny', methodArn: string) => ({
  Version: '2012-10-17',
  Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: wholeStage(methodArn) }],
});

/** arn:aws:execute-api:region:account:api/stage/METHOD/path → every route of the stage. */
const wholeStage = (methodArn: string): string => `${methodArn.split('/').slice(0, 2).join('/')}/*`;
