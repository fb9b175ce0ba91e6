import type { Template } from 'aws-cdk-lib/assertions';

/** What a role may do: actions by a readable name of the resource, e.g. `JobsBucket/chunks/*`. */
export type Grants = Readonly<Record<string, readonly string[]>>;

/** What an Idempotency-Key needs of the sessions table. */
export const idempotency = ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];

/** What finds a person's records: the keys of the index, of the service, of the person's bucket. */
export const identityKeys = {
  IndexKey: ['kms:GenerateMac'],
  ServiceKey: ['kms:GenerateMac'],
  BucketKey: ['kms:GenerateMac'],
};

/** Executions of the state machine of bulk jobs. */
export const executions =
  'arn:AWS::Partition:states:AWS::Region:AWS::AccountId:execution:my-key-platform-dev-jobs:*';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

interface Properties {
  readonly Role?: { readonly 'Fn::GetAtt': readonly [string, string] };
  readonly Roles?: readonly { readonly Ref: string }[];
  readonly PolicyDocument?: { readonly Statement: readonly Statement[] };
  readonly ManagedPolicyArns?: unknown;
}

type Resources = Readonly<Record<string, { readonly Properties: Properties }>>;

/** The grants of every function of a stack, by the function's construct id; logging left out. */
export function grantsOfFunctions(template: Template): Record<string, Grants> {
  const functions = template.findResources('AWS::Lambda::Function') as Resources;
  return Object.fromEntries(
    Object.entries(functions).map(([id, { Properties }]) => [
      withoutHash(id),
      grantsOfRole(template, Properties.Role!['Fn::GetAtt'][0]),
    ]),
  );
}

export function grantsOfRole(template: Template, roleId: string): Grants {
  const roles = template.findResources('AWS::IAM::Role') as Resources;
  if (roles[roleId]?.Properties.ManagedPolicyArns !== undefined)
    throw new Error(`${roleId} has managed policies`);
  const policies = Object.values(template.findResources('AWS::IAM::Policy') as Resources);
  const grants: Record<string, string[]> = {};
  for (const { Properties } of policies) {
    if (!Properties.Roles?.some(({ Ref }) => Ref === roleId)) continue;
    for (const { Action, Resource } of Properties.PolicyDocument!.Statement)
      for (const resource of Array.isArray(Resource) ? Resource : [Resource]) {
        const actions = [Action].flat().filter((action) => !action.startsWith('logs:'));
        if (actions.length > 0) (grants[readable(resource)] ??= []).push(...actions);
      }
  }
  for (const actions of Object.values(grants)) actions.sort();
  return grants;
}

/** `{ "Fn::ImportValue": "…:ExportsOutputFnGetAttJobsTable1970BC16ArnD8…" }` → `JobsTable`. */
function readable(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const {
    'Fn::Join': join,
    'Fn::ImportValue': imported,
    'Fn::GetAtt': own,
    Ref,
  } = resource as {
    readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
    readonly 'Fn::ImportValue'?: string;
    readonly 'Fn::GetAtt'?: readonly [string, string];
    readonly Ref?: string;
  };
  if (join) return join[1].map(readable).join(join[0]);
  if (imported)
    return withoutHash(/ExportsOutput(?:FnGetAtt|Ref)(\w+?[0-9A-F]{8})/.exec(imported)![1]!);
  return withoutHash(own?.[0] ?? Ref!);
}

export const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');
