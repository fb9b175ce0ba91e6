import type { Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  RevocationChecks: {
    RevocationTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
    SessionsTable: ['dynamodb:UpdateItem'],
    'RevocationBucket/filters/*': ['s3:GetObject'],
  },
};
