import { identityKeys, type Grants } from '../../lib/granted-actions.ts';

const records = ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'];

export const grants: Readonly<Record<string, Grants>> = {
  Rights: {
    ...identityKeys,
    ChallengeKey: ['kms:GenerateMac'],
    ServicesTable: ['dynamodb:GetItem'],
    SessionsTable: ['dynamodb:PutItem'],
    IdentityTable: ['dynamodb:ConditionCheckItem', ...records],
    RevocationTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
  },
  RightsSweep: { ...identityKeys, IdentityTable: records },
};
