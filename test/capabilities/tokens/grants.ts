import type { Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  Tokens: {
    TokenKey: ['kms:GetPublicKey', 'kms:Sign'],
    ServicesTable: ['dynamodb:GetItem'],
    SessionsTable: ['dynamodb:PutItem'],
  },
};
