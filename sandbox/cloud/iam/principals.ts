import { randomBytes } from 'node:crypto';
import type { Resource, Templates } from '../template/evaluate.ts';
import { type Grant, type PolicyDocument, grantsOf, listOf } from './policy-document.ts';

/** Temporary credentials, as in a function's environment; new at every start. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** An assumed role. */
export interface RolePrincipal {
  readonly kind: 'role';
  /** Short name for lists of grants: the construct's id. */
  readonly name: string;
  readonly roleArn: string;
  /** `arn:aws:sts::account:assumed-role/role/session`, as in refusals. */
  readonly sessionArn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly grants: readonly Grant[];
}

/** An AWS service that acts for one of its resources. */
export interface ServicePrincipal {
  readonly kind: 'service';
  /** `events.amazonaws.com` */
  readonly service: string;
  readonly sourceArn: string;
}

/** The resource for which the service acts, e.g. the ARN of the rule. */
export const serviceFor = (name: string, sourceArn: string): ServicePrincipal => ({
  kind: 'service',
  service: `${name}.amazonaws.com`,
  sourceArn,
});

export type Principal = RolePrincipal | ServicePrincipal;

/** Roles of the assembly with all policies that apply to them. */
export function readRoles(templates: Templates): Map<string, Omit<RolePrincipal, 'sessionArn'>> {
  const policies = templates.resources('AWS::IAM::Policy');
  const managed = templates.resources('AWS::IAM::ManagedPolicy');
  return new Map(
    templates.resources('AWS::IAM::Role').map((role) => {
      const { identity, properties, logicalId } = role;
      const name = withoutHash(logicalId);
      const own = [
        ...(properties['Policies'] === undefined ? [] : (properties['Policies'] as Inline[])),
        ...policies.filter((policy) => isAttached(policy, role)).map(({ properties: of }) => of),
        ...managed
          .filter(
            (policy) =>
              isAttached(policy, role) ||
              listOf(properties['ManagedPolicyArns'] as string[]).includes(policy.identity.ref),
          )
          .map(({ properties: of }) => of),
        ...listOf(properties['ManagedPolicyArns'] as string[]).flatMap(
          (arn) => awsManaged[arn.split(':policy/').pop() ?? ''] ?? [],
        ),
      ] as unknown as Inline[];
      const principal = {
        kind: 'role' as const,
        name,
        roleArn: identity.attributes['Arn'] ?? '',
        tags: tagsOf(role),
        grants: own.flatMap(({ PolicyDocument: document }) => grantsOf(name, document)),
      };
      return [principal.roleArn, principal] as const;
    }),
  );
}

/** AWS managed policies that functions here may need (AWS managed policy reference). */
const awsManaged: Readonly<Record<string, Inline>> = {
  'service-role/AWSLambdaBasicExecutionRole': {
    PolicyDocument: {
      Statement: {
        Effect: 'Allow',
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: '*',
      },
    },
  },
};

interface Inline {
  readonly PolicyDocument: PolicyDocument;
}

const isAttached = (policy: Resource, role: Resource): boolean =>
  listOf(policy.properties['Roles'] as string[]).includes(role.identity.ref);

const tagsOf = ({ properties }: Resource): Record<string, string> =>
  Object.fromEntries(
    listOf(properties['Tags'] as { Key: string; Value: string }[]).map(({ Key, Value }) => [
      Key,
      Value,
    ]),
  );

export const withoutHash = (logicalId: string): string => logicalId.replace(/[\dA-F]{8}$/, '');

export const newCredentials = (): Credentials => ({
  accessKeyId: `ASIA${randomBytes(10).toString('hex').toUpperCase().slice(0, 16)}`,
  secretAccessKey: randomBytes(30).toString('base64'),
  sessionToken: randomBytes(96).toString('base64'),
});
