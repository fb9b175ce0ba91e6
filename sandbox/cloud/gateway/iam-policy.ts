import { fits } from '../iam/pattern.ts';

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
}

export interface PolicyDocument {
  readonly Statement?: Statement | readonly Statement[];
}

/**
 * Whether an authorizer's policy allows the call: an explicit Deny takes precedence; no match
 * denies.
 */
export function allows(policy: PolicyDocument, methodArn: string): boolean {
  const statements = listOf(policy.Statement);
  const matching = statements.filter(
    ({ Action, Resource }) =>
      listOf(Action).some((action) => fits(action, 'execute-api:Invoke', true)) &&
      listOf(Resource).some((resource) => fits(resource, methodArn)),
  );
  return (
    matching.some(({ Effect }) => Effect === 'Allow') &&
    !matching.some(({ Effect }) => Effect === 'Deny')
  );
}

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : ((Array.isArray(value) ? value : [value]) as readonly T[]);
