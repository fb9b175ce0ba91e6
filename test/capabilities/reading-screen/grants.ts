import type { Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  ReadingScreen: { ServicesTable: ['dynamodb:GetItem'] },
};
