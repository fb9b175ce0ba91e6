import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import type { TokenKey } from '../tokens/token-key.ts';
import { isCodedError, MyKeyError } from '../../errors.ts';
import type { ServiceRegistry } from '../services/service-registry.ts';
import { baseUrlOf } from '../../platform/http/base-url.ts';
import type { Caller } from '../../platform/http/operation-call.ts';
import { verifyAccessToken, type TokenClaims } from '../tokens/access-token.ts';
import { describe, writeJsonLine, type LogSink } from '../../platform/http/request-log.ts';

export interface AuthorizerWorld {
  readonly tokenKey: TokenKey;
  readonly service: ServiceRegistry['service'];
  readonly publicBaseUrl?: string | undefined;
  readonly clock?: () => number;
  readonly log?: LogSink;
}

/** What the gateway gives to a REQUEST authorizer; the parts that are read. */
export interface AuthorizerEvent {
  readonly methodArn: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly authorizationToken?: string;
  readonly requestContext?: { readonly domainName?: string; readonly stage?: string };
}

/**
 * Checks the access token (RFC 9068 §4) and reads whom it speaks for. Allows every route of the stage,
 * since the gateway keeps the answer for a minute for whatever the token is used on; each route asks
 * for its scope itself. What is denied carries its code for the gateway's 401.
 */
export function authorizerHandler(world: AuthorizerWorld) {
  return async (event: AuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
    try {
      const issuer = baseUrlOf(event, world.publicBaseUrl);
      const now = (world.clock ?? Date.now)();
      const claims = await verifyAccessToken(world.tokenKey, bearerOf(event), issuer, now);
      return allow(event.methodArn, await callerOf(claims, world.service));
    } catch (error) {
      if (!isCodedError(error) || error.code === 'dependency-unavailable') {
        (world.log ?? writeJsonLine)({
          level: 'error',
          operation: 'authorize',
          cause: describe(error),
        });
        throw error;
      }
      (world.log ?? writeJsonLine)({ level: 'info', operation: 'authorize', code: error.code });
      return deny(event.methodArn, error.code);
    }
  };
}

/** RFC 6750 §2.1. */
function bearerOf(event: AuthorizerEvent): string {
  const header =
    event.authorizationToken ??
    Object.entries(event.headers ?? {}).find(
      ([name]) => name.toLowerCase() === 'authorization',
    )?.[1];
  if (header === undefined || header === '')
    throw new MyKeyError('token-missing', 'no access token');
  // 4,096 is far above our own tokens, of about 700 characters.
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header.slice(0, 4096))?.[1];
  if (token === undefined) throw new MyKeyError('token-invalid', 'no bearer token');
  return token;
}

async function callerOf(
  { clientId, serviceId, scopes }: TokenClaims,
  findService: ServiceRegistry['service'],
): Promise<Caller> {
  if (serviceId === 'operator') {
    const serviceState = 'active';
    return {
      clientId,
      serviceId,
      serviceState,
      serviceType: 'operator',
      sectorId: 'operator',
      scopes,
    };
  }
  const service = await findService(serviceId);
  if (service === undefined) throw new MyKeyError('token-invalid', 'the service is gone');
  const { status: serviceState, type: serviceType, sectorId } = service;
  return { clientId, serviceId, serviceState, serviceType, sectorId, scopes };
}

function allow(methodArn: string, caller: Caller): APIGatewayAuthorizerResult {
  const { scopes, ...context } = caller;
  return {
    principalId: caller.clientId,
    policyDocument: policy('Allow', methodArn),
    context: { ...context, scopes: scopes.join(' ') },
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
