import type { ServiceForm } from '../../capabilities/services/service.ts';

/** What an access token allows (RFC 6749 §3.3). Declared in the contract of the capability that asks for it. */
export interface Scope {
  readonly name: `${string}:${string}`;
  /** For the OpenAPI document. */
  readonly description: string;
  /** Whose clients get this scope at registration. */
  readonly grantedTo: readonly ServiceForm[];
}
