import { idempotency, type Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  Services: {
    ServicesTable: [
      'dynamodb:ConditionCheckItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Scan',
      'dynamodb:UpdateItem',
    ],
    SessionsTable: idempotency,
  },
};
