import type { APIGatewayProxyEvent } from 'aws-lambda';
import { scopesGrantedTo } from '../../lambdas/capabilities/services/service-rights.ts';
import { operationOf, scopes } from '../../lib/operations.ts';

export const baseUrl = 'https://platform.example/v';
/** The fixed clock of these tests, ms. */
export const now = Date.UTC(2026, 10, 22, 3);

/** What the authorizer vouches for, as the gateway hands it over. */
export const type2Caller = {
  clientId: 'cli_a',
  clientKey: 'key_a',
  serviceId: 'svc_a',
  serviceState: 'active',
  serviceType: 'type2',
  sectorId: 'sec_a',
  scopes: scopesGrantedTo('type2', scopes).join(' '),
};

export const type1Caller = {
  ...type2Caller,
  clientId: 'cli_counter',
  serviceId: 'svc_counter',
  serviceType: 'type1',
  sectorId: 'sec_counter',
  scopes: scopesGrantedTo('type1', scopes).join(' '),
};

export const libraryCaller = {
  ...type2Caller,
  clientId: 'cli_library',
  serviceId: 'svc_library',
  serviceType: 'library',
  sectorId: 'sec_library',
  scopes: scopesGrantedTo('library', scopes).join(' '),
};

export const operatorCaller = {
  clientId: 'operator',
  clientKey: 'key_operator',
  serviceId: 'operator',
  serviceState: 'active',
  serviceType: 'operator',
  sectorId: 'operator',
  scopes: scopesGrantedTo('operator', scopes).join(' '),
};

/** The operator's second person, with a key of their own. */
export const secondOperatorCaller = { ...operatorCaller, clientKey: 'key_second' };

interface EventParts {
  readonly body?: unknown;
  /** Sent as it is. */
  readonly rawBody?: string;
  readonly caller?: Readonly<Record<string, string>>;
  readonly path?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A gateway event for one operation; only what the stack reads. */
export const eventFor = (id: string, parts: EventParts = {}): APIGatewayProxyEvent =>
  eventOn(operationOf(id), parts);

export function eventOn(
  { method, path }: { readonly method: string; readonly path: string },
  parts: EventParts = {},
): APIGatewayProxyEvent {
  const body = parts.rawBody ?? (parts.body === undefined ? null : JSON.stringify(parts.body));
  return {
    httpMethod: method,
    resource: path,
    headers: { 'Content-Type': 'application/json', ...parts.headers },
    body,
    isBase64Encoded: false,
    pathParameters: parts.path ?? null,
    queryStringParameters: null,
    requestContext: { requestId: 'r-1', authorizer: parts.caller },
  } as unknown as APIGatewayProxyEvent;
}
