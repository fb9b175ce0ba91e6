import type * as z from 'zod';
import type { ErrorCode } from '../../errors.ts';
import type { Scope } from './scope.ts';

/**
 * One operation of the API, whole: its route, who may call it, what it takes and gives. The stack
 * enforces it, CDK makes the route from it, and the OpenAPI document shows it.
 */
export interface OperationContract {
  /** Unique in the whole API; the OpenAPI document's operationId. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** REST API resource path, parameters in braces. */
  readonly path: string;
  readonly scope: Scope | 'public';
  /** With it, the answer holds more. */
  readonly widerWith?: Scope;
  /** Largest body in octets, one of `bodyLimits`; 0: the route has none. */
  readonly maxBodyBytes: number;
  /** Accepts `Idempotency-Key`; its function needs the sessions table. */
  readonly idempotent?: true;
  /** Of the request's body; `application/json` when absent. */
  readonly mediaType?: 'application/x-www-form-urlencoded';

  readonly summary: string;
  readonly description?: string;
  readonly pathParameters?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Successful answers by status. No schema: no content. */
  readonly responses: Readonly<Record<number, OperationResponse>>;
  /** Codes beyond those that every route can give (`problems.ts`: `everywhere`). */
  readonly problems: readonly ErrorCode[];
  /** Another body for errors, where a standard asks for it. */
  readonly errorSchema?: z.ZodType;
}

export interface OperationResponse {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** `application/json` when absent. */
  readonly mediaType?: string;
}
