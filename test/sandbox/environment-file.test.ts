import { afterAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEnvironmentFile } from '../../sandbox/environment-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'my-key-environment-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const functions = [
  { AWS_REGION: 'ap-northeast-1', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1', JOBS_TABLE: 'jobs' },
  { AWS_REGION: 'ap-northeast-1', REVOCATION_BUCKET: 'lists', INDEX_KEY_ID: 'not for programmes' },
];

describe('aws.env', () => {
  it('tells a shell where everything of the sandbox is', () => {
    const path = join(folder, 'aws.env');
    writeEnvironmentFile(path, {
      functions: new Map(
        functions.map((environment, n) => [String(n), { settings: { environment } }]),
      ),
      operator: { accessKeyId: 'ASIAOPERATOR', secretAccessKey: 'a/b+c', sessionToken: 'long=' },
      lambdaEndpoint: 'http://127.0.0.1:2',
    } as never);
    const shown = execFileSync('sh', ['-c', `set -a; . ${path}; set +a; env`], {
      env: {},
      encoding: 'utf8',
    });
    expect(
      shown
        .split('\n')
        .filter((line) => /^(AWS|JOBS|REVOCATION|INDEX)_/.test(line))
        .sort(),
    ).toEqual([
      'AWS_ACCESS_KEY_ID=ASIAOPERATOR',
      'AWS_DEFAULT_REGION=ap-northeast-1',
      'AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:2',
      'AWS_ENDPOINT_URL_S3=http://127.0.0.1:1',
      'AWS_REGION=ap-northeast-1',
      'AWS_SECRET_ACCESS_KEY=a/b+c',
      'AWS_SESSION_TOKEN=long=',
      'JOBS_TABLE=jobs',
      'REVOCATION_BUCKET=lists',
    ]);
  });
});
