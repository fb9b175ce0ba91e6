import type { Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  Consents: {
    IndexKey: ['kms:GenerateMac'],
    ServiceKey: ['kms:GenerateMac'],
    IdentityTable: ['dynamodb:GetItem', 'dynamodb:PutItem'],
  },
};
