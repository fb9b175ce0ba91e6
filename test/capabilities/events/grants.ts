import { identityKeys, type Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  Events: {
    IndexKey: ['kms:GenerateMac'],
    ServiceKey: ['kms:GenerateMac'],
    IdentityTable: [
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    ],
  },
  CompareLists: {
    ...identityKeys,
    IdentityTable: [
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    ],
    RevocationTable: ['dynamodb:BatchGetItem'],
  },
  DeliverAnnouncements: {
    ...identityKeys,
    IdentityTable: [
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    ],
  },
};
