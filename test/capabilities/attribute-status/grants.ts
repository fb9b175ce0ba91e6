import { identityKeys, type Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  AttributeStatus: {
    ...identityKeys,
    IdentityTable: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    RevocationTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
  },
};
