import type * as z from 'zod';
import type { ErrorCode } from '../../errors.ts';
import type { Scope } from './scope.ts';

/**
 * The complete definition of one API operation: route, authorization, input and output. The handler
 * enforces it, CDK creates the route from it, and the OpenAPI document describes it.
 */
export interface OperationContract {
  /** Unique in the whole API; the OpenAPI document's operationId. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** REST API resource path, parameters in braces. */
  readonly path: string;
  readonly scope: Scope | 'public';
  /** A scope with which the response contains more. */
  readonly widerWith?: Scope;
  /** Maximum body in octets, one of `bodyLimits`; 0: the route has no body. */
  readonly maxBodyBytes: number;
  /** Accepts `Idempotency-Key`; the function then needs the sessions table. */
  readonly idempotent?: true;
  /** Media type of the request body; `application/json` by default. */
  readonly mediaType?: 'application/x-www-form-urlencoded';

  readonly summary: string;
  readonly description?: string;
  readonly pathParameters?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Success responses by status. No schema: no content. */
  readonly responses: Readonly<Record<number, OperationResponse>>;
  /** Error codes beyond those that every route can return (`everywhere` in `problems.ts`). */
  readonly problems: readonly ErrorCode[];
  /** Shape of error bodies where a standard defines another one. */
  readonly errorSchema?: z.ZodType;
}

export interface OperationResponse {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** `application/json` by default. */
  readonly mediaType?: string;
}
