import type { LambdaFunction } from '../../sandbox/cloud/lambda/lambda-function.ts';
import { withoutHash } from '../../sandbox/cloud/iam/principals.ts';
import type { Cloud } from '../../sandbox/cloud/start-cloud.ts';

/**
 * The functions that can have remembered what a grant gave them: those whose role it belongs to, or
 * that assume it. Grants of keys and buckets are about every function; permissions to invoke one about
 * nothing that a function remembers.
 * @param id of the grant
 */
export function functionsThatUse({ templates, functions }: Cloud, id: string): LambdaFunction[] {
  if (id.startsWith('Allow permission ')) return [];
  const named = /^Allow (?:trust of )?(\w+): /.exec(id)?.[1];
  // A function's role and a state machine's can have one name in the list.
  const roles = templates
    .resources('AWS::IAM::Role')
    .filter(({ logicalId }) => withoutHash(logicalId) === named)
    .map(({ identity }) => identity.attributes['Arn']);
  if (roles.length === 0) return named === 'Operator' ? [] : [...new Set(functions.values())];
  return templates
    .resources('AWS::Lambda::Function')
    .filter(({ properties }) => roles.includes(properties['Role'] as string))
    .flatMap(({ identity }) => functions.get(identity.ref) ?? []);
}
