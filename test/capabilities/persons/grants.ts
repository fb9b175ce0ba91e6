import { idempotency, type Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  Persons: {
    BucketKey: ['kms:GenerateMac'],
    IndexKey: ['kms:GenerateMac'],
    ServiceKey: ['kms:GenerateMac'],
    IdentityTable: [
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    ],
    SessionsTable: idempotency,
  },
};
