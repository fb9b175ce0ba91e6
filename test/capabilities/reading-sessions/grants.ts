import { identityKeys, type Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  ReadingSessions: {
    PpidKey: ['kms:GenerateMac'],
    ...identityKeys,
    ChallengeKey: ['kms:GenerateMac'],
    ServicesTable: ['dynamodb:GetItem'],
    SessionsTable: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    IdentityTable: [
      'dynamodb:ConditionCheckItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
    ],
    RevocationTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
  },
};
