import { identityKeys, idempotency, executions, type Grants } from '../../lib/granted-actions.ts';

export const grants: Readonly<Record<string, Grants>> = {
  Jobs: {
    JobsTable: [
      'dynamodb:BatchWriteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ],
    SessionsTable: idempotency,
    'JobsBucket/uploads/*': ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
    'JobsBucket/chunks/*': ['s3:DeleteObject'],
    'JobsBucket/results/*': ['s3:DeleteObject', 's3:GetObject'],
    JobsBucket: ['s3:ListBucket'],
    BulkJobMachine: ['states:StartExecution'],
    [executions]: ['states:StopExecution'],
  },
  JobPlan: {
    JobsTable: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
    'JobsBucket/uploads/*': ['s3:GetObject'],
    'JobsBucket/chunks/*': ['s3:PutObject'],
    RevocationTable: ['dynamodb:GetItem', 'dynamodb:Query'],
    SessionsTable: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
  },
  JobChunk: {
    JobsTable: ['dynamodb:GetItem', 'dynamodb:PutItem'],
    'JobsBucket/uploads/*': ['s3:GetObject'],
    'JobsBucket/chunks/*': ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
    RevocationTable: ['dynamodb:BatchGetItem'],
    'RevocationBucket/filters/*': ['s3:GetObject'],
    IdentityTable: ['dynamodb:GetItem', 'dynamodb:Query'],
    ...identityKeys,
  },
  JobFinish: {
    JobsTable: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    'JobsBucket/uploads/*': ['s3:DeleteObject'],
    'JobsBucket/chunks/*': ['s3:DeleteObject', 's3:GetObject'],
    'JobsBucket/results/*': [
      's3:AbortMultipartUpload',
      's3:DeleteObject',
      's3:GetObject',
      's3:PutObject',
    ],
    JobsBucket: ['s3:ListBucket'],
  },
};
