import { describe, expect, it } from '@jest/globals';
import { AccessDenied } from '../../../../sandbox/cloud/iam/access-denied.ts';
import { authorize, type Need } from '../../../../sandbox/cloud/iam/authorize.ts';
import { type PolicyStatement, grantsOf } from '../../../../sandbox/cloud/iam/policy-document.ts';
import { type RolePrincipal, serviceFor } from '../../../../sandbox/cloud/iam/principals.ts';

const account = '000000000000';
const roleArn = `arn:aws:iam::${account}:role/Reader`;
const table = `arn:aws:dynamodb:ap-northeast-1:${account}:table/Things`;
const key = `arn:aws:kms:ap-northeast-1:${account}:key/k`;
const read: Need = { action: 'dynamodb:GetItem', resource: table };
const mac: Need = { action: 'kms:GenerateMac', resource: key };

const reader = (statements: PolicyStatement[], tags = {}): RolePrincipal => ({
  kind: 'role',
  name: 'Reader',
  roleArn,
  sessionArn: `arn:aws:sts::${account}:assumed-role/Reader/read`,
  tags,
  grants: grantsOf('Reader', { Statement: statements }),
});

/** `allowed`, or AWS's words. */
function decide(
  principal: Parameters<typeof authorize>[0],
  need: Need,
  resourcePolicy: PolicyStatement[] = [],
): string {
  const grants = grantsOf('resource', { Statement: resourcePolicy }, need.resource);
  try {
    authorize(principal, need, { account, grantsOn: () => grants }, new Set(), () => {});
    return 'allowed';
  } catch (cause) {
    if (cause instanceof AccessDenied) return cause.message;
    throw cause;
  }
}

const allow = (action: string, resource: string, more = {}): PolicyStatement => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
});
const deny = (action: string, resource: string, more = {}): PolicyStatement => ({
  ...allow(action, resource, more),
  Effect: 'Deny',
});
const anybody = { Principal: { AWS: '*' } };
const theAccount = { Principal: { AWS: `arn:aws:iam::${account}:root` } };

describe('what a role may do', () => {
  it('is nothing, unless a policy says so; the refusal has the words of AWS', () => {
    expect(decide(reader([]), read)).toBe(
      `User: arn:aws:sts::${account}:assumed-role/Reader/read is not authorized to perform: dynamodb:GetItem on resource: ${table} because no identity-based policy allows the dynamodb:GetItem action`,
    );
  });

  it.each([
    ['its action on its resource', 'dynamodb:GetItem', table, 'allowed'],
    ['any action of a kind', 'dynamodb:Get*', table, 'allowed'],
    ['an action in other letters', 'dynamodb:getitem', table, 'allowed'],
    ['a resource by pattern', 'dynamodb:GetItem', table.replace('Things', 'Thing?'), 'allowed'],
    ['another action', 'dynamodb:PutItem', table, 'because no identity-based policy'],
    ['another table', 'dynamodb:GetItem', `${table}2`, 'because no identity-based policy'],
    ['a dot for any letter', 'dynamodb:GetItem', table.replace('T', '.'), 'because no'],
  ])('by %s', (_which, action, resource, outcome) => {
    expect(decide(reader([allow(action, resource)]), read)).toContain(outcome);
  });

  it('never includes what is denied explicitly, here or at the resource', () => {
    expect(decide(reader([allow('*', '*'), deny('dynamodb:*', table)]), read)).toContain(
      'with an explicit deny in an identity-based policy',
    );
    expect(
      decide(reader([allow('*', '*')]), read, [deny('dynamodb:GetItem', '*', anybody)]),
    ).toContain('with an explicit deny in a resource-based policy');
  });

  it('may come from the resource alone, where it names the role, not the account', () => {
    expect(
      decide(reader([]), read, [allow('dynamodb:GetItem', '*', { Principal: { AWS: roleArn } })]),
    ).toBe('allowed');
    expect(decide(reader([]), read, [allow('dynamodb:GetItem', '*', theAccount)])).toContain(
      'because no identity-based policy',
    );
  });
});

const decrypt = (service?: string): Need => ({
  action: 'kms:Decrypt',
  resource: key,
  context: { 'kms:ViaService': service && `${service}.ap-northeast-1.amazonaws.com` },
});

describe('a KMS key', () => {
  it('is governed by its own policy: a role policy counts only where that names the account', () => {
    const role = reader([allow('kms:GenerateMac', key)]);
    expect(decide(role, mac, [allow('kms:*', '*', theAccount)])).toBe('allowed');
    expect(decide(role, mac)).toContain(
      'because no resource-based policy allows the kms:GenerateMac',
    );
    expect(decide(reader([]), mac, [allow('kms:*', '*', theAccount)])).toContain(
      'because no identity-based policy allows the kms:GenerateMac',
    );
  });

  it('denies whoever lacks a tag', () => {
    const policy = [
      allow('kms:*', '*', theAccount),
      deny('kms:GenerateMac', '*', {
        ...anybody,
        Condition: { StringNotEquals: { 'aws:PrincipalTag/team:issuer': 'dev' } },
      }),
    ];
    const grant = [allow('kms:GenerateMac', key)];
    expect(decide(reader(grant, { 'team:issuer': 'dev' }), mac, policy)).toBe('allowed');
    for (const tags of [{}, { 'team:issuer': 'test' }])
      expect(decide(reader(grant, tags), mac, policy)).toContain('explicit deny');
  });

  it('may be usable only through another service', () => {
    const policy = [
      allow('kms:Decrypt', '*', {
        ...anybody,
        Condition: {
          StringEquals: {
            'kms:CallerAccount': account,
            'kms:ViaService': ['s3.ap-northeast-1.amazonaws.com'],
          },
        },
      }),
    ];
    expect(decide(reader([]), decrypt('s3'), policy)).toBe('allowed');
    expect(decide(reader([]), decrypt('sqs'), policy)).toContain('no resource-based policy');
    expect(decide(reader([]), decrypt(), policy)).toContain('no resource-based policy');
  });
});

const under = (Condition: object, effect: typeof allow = allow) =>
  decide(
    reader(
      [allow('*', '*'), effect('dynamodb:GetItem', table, { Condition })].slice(
        effect === allow ? 1 : 0,
      ),
    ),
    read,
  );

describe('a condition', () => {
  it.each([
    ['StringEquals', roleArn, 'allowed'],
    ['StringEquals', [roleArn, 'other'], 'allowed'],
    ['StringEquals', 'other', 'because no'],
    ['StringNotEquals', roleArn, 'because no'],
    ['StringNotEquals', 'other', 'allowed'],
    ['StringLike', 'arn:*:role/Read??', 'allowed'],
    ['ArnLike', `arn:aws:iam::${account}:role/*`, 'allowed'],
    ['ArnLike', 'arn:*', 'because no'],
    ['ArnNotEquals', roleArn, 'because no'],
    ['Null', 'false', 'allowed'],
    ['Null', 'true', 'because no'],
  ])('%s %s on the role’s ARN', (operator, wanted, outcome) => {
    expect(under({ [operator]: { 'aws:PrincipalArn': wanted } })).toContain(outcome);
  });

  it.each([
    ['StringEquals', 'because no'],
    ['StringNotEquals', 'allowed'],
    ['StringEqualsIfExists', 'allowed'],
  ])('%s on a key that the request lacks', (operator, outcome) => {
    expect(under({ [operator]: { 'aws:SourceVpce': 'vpce-1' } })).toContain(outcome);
  });

  it.each([
    ['an operator', { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }],
    ['a quantifier', { 'ForAnyValue:StringEquals': { 'aws:PrincipalArn': roleArn } }],
    ['a key', { StringNotEquals: { 'aws:UserAgent': 'x' } }],
  ])('with %s that is not evaluated here allows nothing, and denies', (_what, condition) => {
    expect(under(condition)).toContain('because no');
    expect(under(condition, deny)).toContain('explicit deny');
  });
});

describe('a service', () => {
  const invoke: Need = {
    action: 'lambda:InvokeFunction',
    resource: 'arn:aws:lambda:r:0:function:f',
  };
  const rule = 'arn:aws:events:ap-northeast-1:000000000000:rule/nightly';
  const permission = allow('lambda:InvokeFunction', '*', {
    Principal: { Service: 'events.amazonaws.com' },
    Condition: { ArnLike: { 'aws:SourceArn': rule } },
  });

  it('invokes a function that permits it for that source, and no other', () => {
    expect(decide(serviceFor('events', rule), invoke, [permission])).toBe('allowed');
    expect(decide(serviceFor('events', `${rule}2`), invoke, [permission])).toContain(
      'because no resource-based policy',
    );
    expect(decide(serviceFor('sns', rule), invoke, [permission])).toContain('because no');
    expect(decide(serviceFor('events', rule), invoke)).toContain('because no');
  });
});

describe('a statement that is not understood', () => {
  it.each(['NotAction', 'NotResource', 'NotPrincipal'])(
    '(%s) is refused when it is read',
    (part) => {
      expect(() => grantsOf('x', { Statement: { Effect: 'Deny', [part]: '*' } })).toThrow(
        /not evaluated/,
      );
    },
  );
});
