import type { ServiceForm } from '../../capabilities/services/service.ts';

/**
 * A scope of an access token (RFC 6749 §3.3), declared in the contract of the capability that
 * requires it.
 */
export interface Scope {
  readonly name: `${string}:${string}`;
  /** Description for the OpenAPI document. */
  readonly description: string;
  /** Clients that get this scope at registration. */
  readonly grantedTo: readonly ServiceForm[];
  /** Whose clients get it where the operator grants it to their service by name. */
  readonly grantableTo?: readonly ServiceForm[];
  /** The scope that this one was part of: who was registered with that one keeps what it could do. */
  readonly formerly?: string;
}

export const holdsScope = (held: readonly string[], { name, formerly }: Scope): boolean =>
  held.includes(name) || (formerly !== undefined && held.includes(formerly));
