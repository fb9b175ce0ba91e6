import type { Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  Certificates: { CrlStoreTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'] },
};
