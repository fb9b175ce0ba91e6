import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { serveLoopback } from './serve-loopback.ts';
import { KmsError } from './kms/kms-error.ts';
import { KmsKeys } from './kms/kms-keys.ts';
import { operations } from './kms/kms-operations.ts';

export interface Kms {
  readonly endpoint: string;
  readonly keys: KmsKeys;
  close(): Promise<void>;
}

/**
 * A KMS endpoint: the JSON 1.1 protocol, key usage, key state and size limits of the real one.
 * Keys live in memory, or in `dataDir`/kms.json (mode 0600).
 */
export async function startKms({
  dataDir,
  now = Date.now,
  account = '000000000000',
  region = 'ap-northeast-1',
}: {
  dataDir?: string | undefined;
  now?: () => number;
  account?: string;
  region?: string;
} = {}): Promise<Kms> {
  const file = dataDir === undefined ? undefined : join(dataDir, 'kms.json');
  const keys = new KmsKeys(`arn:aws:kms:${region}:${account}`, file);
  const server = await serveLoopback(async (request, body) => {
    const answer = answerTo(keys, String(request.headers['x-amz-target']), await body(65_536), now);
    return {
      status: answer.status,
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amzn-requestid': randomUUID(),
        ...(answer.errorType === undefined ? {} : { 'x-amzn-errortype': answer.errorType }),
      },
      body: JSON.stringify(answer.body),
    };
  });
  return { endpoint: server.url, keys, close: () => server.close() };
}

function answerTo(keys: KmsKeys, target: string, body: Buffer, now: () => number) {
  try {
    const operation = operations.get(target.replace(/^TrentService\./, ''));
    if (operation === undefined) throw new KmsError('UnknownOperationException', target);
    return { status: 200, body: operation(keys, parse(body), now) };
  } catch (cause) {
    if (!(cause instanceof KmsError)) throw cause;
    return {
      status: 400,
      errorType: cause.type,
      body: { __type: cause.type, message: cause.message },
    };
  }
}

function parse(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString() || '{}');
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // answered below like any other body that is no object
  }
  throw new KmsError('SerializationException', 'The body is not a JSON object');
}
