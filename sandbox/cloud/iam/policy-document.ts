type OneOrMany<T> = T | readonly T[];

/** A policy as templates carry it, its intrinsic functions evaluated. */
export interface PolicyDocument {
  readonly Statement?: OneOrMany<PolicyStatement>;
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect?: string;
  readonly Principal?: '*' | Readonly<Record<string, OneOrMany<string>>>;
  readonly NotPrincipal?: unknown;
  readonly Action?: OneOrMany<string>;
  readonly NotAction?: OneOrMany<string>;
  readonly Resource?: OneOrMany<string>;
  readonly NotResource?: OneOrMany<string>;
  readonly Condition?: Conditions;
}

/** operator → condition key → wanted values */
export type Conditions = Readonly<Record<string, Readonly<Record<string, OneOrMany<unknown>>>>>;

/**
 * One action on one resource of one statement: the smallest part of a policy that can be withdrawn
 * individually. `id` is stable over restarts.
 */
export interface Grant {
  readonly id: string;
  readonly effect: 'Allow' | 'Deny';
  readonly action: string;
  readonly resource: string;
  readonly statement: PolicyStatement;
}

export const listOf = <T>(value: OneOrMany<T> | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

/**
 * The grants and denials of a policy; `name` names its owner. `ownResource`: a resource policy
 * applies to that resource, and in a key policy `*` means the key.
 * @throws Error if a statement uses an element that is not evaluated here
 */
export function grantsOf(name: string, document: PolicyDocument, ownResource?: string): Grant[] {
  return listOf(document.Statement).flatMap((statement, index) => {
    const label = `${name} ${statement.Sid ?? `#${index}`}`;
    if ('NotAction' in statement || 'NotResource' in statement || 'NotPrincipal' in statement)
      throw new Error(`${label}: NotAction, NotResource and NotPrincipal are not evaluated here`);
    const effect = statement.Effect;
    if (effect !== 'Allow' && effect !== 'Deny') throw new Error(`${label}: Effect ${effect}`);
    const named = listOf(statement.Resource).map((resource) =>
      resource === '*' && ownResource !== undefined ? ownResource : resource,
    );
    // A trust policy names no resource: it applies to its role.
    const resources = named.length === 0 && ownResource !== undefined ? [ownResource] : named;
    return listOf(statement.Action).flatMap((action) =>
      resources.map((resource) => ({
        id: `${effect} ${name}: ${action} on ${resource}${statement.Condition ? ` where ${JSON.stringify(statement.Condition)}` : ''}`,
        effect,
        action,
        resource,
        statement,
      })),
    );
  });
}
