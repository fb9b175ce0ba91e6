import type { Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  Challenges: { ChallengeKey: ['kms:GenerateMac'] },
};
