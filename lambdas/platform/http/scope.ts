import type { ServiceForm } from '../../capabilities/services/service.ts';

/** What an access token allows (RFC 6749 §3.3). Declared in the contract of the capability that asks for it. */
export interface Scope {
  readonly name: `${string}:${string}`;
  /** For the OpenAPI document. */
  readonly description: string;
  /** Whose clients get this scope at registration. */
  readonly grantedTo: readonly ServiceForm[];
  /** Whose clients get it where the operator grants it to their service by name. */
  readonly grantableTo?: readonly ServiceForm[];
  /** The scope that this one was part of: who was registered with that one keeps what it could do. */
  readonly formerly?: string;
}

export const holdsScope = (held: readonly string[], { name, formerly }: Scope): boolean =>
  held.includes(name) || (formerly !== undefined && held.includes(formerly));
