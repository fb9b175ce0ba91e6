import type { Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  Certificates: { RevocationTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'] },
};
