import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const job = {
  jobId: example.jobId,
  format: 'csv',
  compression: 'none',
  by: 'serial',
  ask: 'revocation',
  createdAt: example.time,
  expiresAt: '2026-11-28T08:30:00.000Z',
} as const;

const awaiting = {
  ...job,
  state: 'awaiting-upload',
  upload: {
    method: 'PUT',
    url: 'https://bucket.example/uploads/job_5tR8wKc2Vn7hMq4xZb6PfA?X-Amz-Expires=3600',
    headers: { 'Content-Length': '9', 'If-None-Match': '*' },
    expiresAt: '2026-11-27T09:30:00.000Z',
  },
} as const;

const path = { jobId: example.jobId } as const;

/** Heading for the API reference. */
export const about = 'Bulk revocation checks over files of millions of rows.';
export const aboutInJapanese = '一括ジョブ';

export const examples = {
  'create-job': {
    summaryInJapanese: '一括ジョブを作る',
    request: { format: 'csv', bytes: 9, issuer: 'user-authentication-2023' },
    response: awaiting,
  },
  'get-job': { summaryInJapanese: 'ジョブの進捗と結果', path, response: awaiting },
  'start-job': {
    summaryInJapanese: 'アップロード済みのジョブを始める',
    path,
    response: { ...job, state: 'planning', startedAt: example.later },
  },
  'cancel-job': {
    summaryInJapanese: 'ジョブを取り消し、ファイルを消す',
    path,
    response: { ...job, state: 'cancelled', finishedAt: example.later },
  },
} as const satisfies OperationExamples;
