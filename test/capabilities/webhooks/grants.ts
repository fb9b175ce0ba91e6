import type { Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  Webhooks: {
    ServicesTable: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem'],
    Webhook1Key: ['kms:GetPublicKey'],
  },
  NotifyWebhooks: {
    ServicesTable: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    IdentityTable: ['dynamodb:Query'],
    ServiceKey: ['kms:GenerateMac'],
    Webhook1Key: ['kms:Sign'],
  },
};
