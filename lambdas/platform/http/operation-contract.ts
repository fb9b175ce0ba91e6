import type * as z from 'zod';
import type { ErrorCode } from '../../errors.ts';

/** What one operation takes and gives; the same schemas check requests and make the OpenAPI document. */
export interface OperationContract {
  readonly summary: string;
  readonly description?: string;
  readonly pathParameters?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Successful answers by status. No schema: no content. */
  readonly responses: Readonly<Record<number, OperationResponse>>;
  /** Codes beyond those that every route can give (`problems.ts`: `everywhere`). */
  readonly problems: readonly ErrorCode[];
}

export interface OperationResponse {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** `application/json` when absent. */
  readonly mediaType?: string;
}
