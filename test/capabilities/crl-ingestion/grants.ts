import type { Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  IngestCrl: {
    RevocationTable: [
      'dynamodb:BatchWriteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    ],
    'RevocationBucket/drops/*': ['s3:GetObject'],
    'RevocationBucket/filters/*': ['s3:PutObject'],
    'RevocationBucket/differences/*': ['s3:PutObject'],
    DeadLetters: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
  },
  WatchLists: { RevocationTable: ['dynamodb:Query'] },
};
