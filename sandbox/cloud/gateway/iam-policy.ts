interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
}

export interface PolicyDocument {
  readonly Statement?: Statement | readonly Statement[];
}

/** Whether an authorizer's policy lets the call through: an explicit Deny wins, no match denies. */
export function allows(policy: PolicyDocument, methodArn: string): boolean {
  const statements = listOf(policy.Statement);
  const matching = statements.filter(
    ({ Action, Resource }) =>
      listOf(Action).some((action) => matches(action, 'execute-api:Invoke', 'i')) &&
      listOf(Resource).some((resource) => matches(resource, methodArn, '')),
  );
  return (
    matching.some(({ Effect }) => Effect === 'Allow') &&
    !matching.some(({ Effect }) => Effect === 'Deny')
  );
}

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : ((Array.isArray(value) ? value : [value]) as readonly T[]);

const patterns = new Map<string, RegExp>();

/** `*` stands for any run of characters, `?` for one. */
function matches(pattern: string, value: string, flags: string): boolean {
  let expression = patterns.get(pattern + flags);
  if (expression === undefined) {
    const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
    const source = escaped.replaceAll('*', '.*').replaceAll('?', '.');
    expression = new RegExp(`^${source}$`, `s${flags}`);
    if (patterns.size > 1000) patterns.clear();
    patterns.set(pattern + flags, expression);
  }
  return expression.test(value);
}
