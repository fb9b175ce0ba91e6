import type { Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  Terminals: {
    ServicesTable: [
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    ],
  },
};
