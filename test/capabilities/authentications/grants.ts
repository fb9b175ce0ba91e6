import { identityKeys, idempotency, type Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  Authentications: {
    PpidKey: ['kms:GenerateMac'],
    ...identityKeys,
    ChallengeKey: ['kms:GenerateMac'],
    SessionsTable: idempotency,
    IdentityTable: ['dynamodb:ConditionCheckItem', 'dynamodb:GetItem', 'dynamodb:PutItem'],
    RevocationTable: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
  },
};
