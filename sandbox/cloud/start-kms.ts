import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { serveLoopback } from './serve-loopback.ts';
import { KmsError } from './kms/kms-error.ts';
import { KmsKeys } from './kms/kms-keys.ts';
import { operations } from './kms/kms-operations.ts';
import { jsonRefusal, signerOf } from './iam/guard.ts';
import type { Iam } from './iam/iam.ts';

export interface Kms {
  readonly endpoint: string;
  readonly keys: KmsKeys;
  close(): Promise<void>;
}

/**
 * A KMS endpoint: the JSON 1.1 protocol with KMS's rules for key usage, key state and sizes. Keys
 * are stored in memory, or in `dataDir`/kms.json (mode 0600).
 */
export async function startKms({
  dataDir,
  now = Date.now,
  account = '000000000000',
  region = 'ap-northeast-1',
  iam,
}: {
  dataDir?: string | undefined;
  now?: () => number;
  account?: string;
  region?: string;
  /** Authorizes requests; without it every request is allowed. */
  iam?: Iam;
} = {}): Promise<Kms> {
  const file = dataDir === undefined ? undefined : join(dataDir, 'kms.json');
  const keys = new KmsKeys(`arn:aws:kms:${region}:${account}`, file);
  const server = await serveLoopback(async (request, body) => {
    const content = await body(65_536);
    const admit = (name: string, input: Input): void => {
      if (iam === undefined) return;
      const signer = signerOf(iam, 'kms', request, content);
      iam.authorize(signer, { action: `kms:${name}`, ...resourceOf(keys, name, input) });
    };
    const answer = answerTo(
      keys,
      String(request.headers['x-amz-target']).replace(/^TrentService\./, ''),
      content,
      { admit, now },
    );
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

type Input = Readonly<Record<string, unknown>>;

interface Attempt {
  readonly admit: (operation: string, input: Input) => void;
  readonly now: () => number;
}

function answerTo(keys: KmsKeys, name: string, body: Buffer, { admit, now }: Attempt) {
  try {
    const operation = operations.get(name);
    if (operation === undefined) throw new KmsError('UnknownOperationException', name);
    const input = parse(body);
    admit(name, input);
    return { status: 200, body: operation(keys, input, now) };
  } catch (cause) {
    const refusal =
      cause instanceof KmsError ? { type: cause.type, message: cause.message } : jsonRefusal(cause);
    if (refusal === undefined) throw cause;
    const { type, message } = refusal;
    return { status: 400, errorType: type, body: { __type: type, message } };
  }
}

/** Operations that refer to no existing key. */
const withoutKey = new Set(['CreateKey', 'ListKeys', 'ListAliases']);

function resourceOf(keys: KmsKeys, name: string, input: Input) {
  if (withoutKey.has(name)) return { resource: '*' };
  const named = input['KeyId'] ?? input['TargetKeyId'] ?? input['AliasName'];
  const key = keys.find(named);
  const text = (field: string): string | undefined =>
    typeof input[field] === 'string' ? input[field] : undefined;
  return {
    resource: key.arn,
    context: {
      'kms:KeySpec': key.spec,
      'kms:KeyUsage': key.usage,
      'kms:MacAlgorithm': text('MacAlgorithm'),
      'kms:SigningAlgorithm': text('SigningAlgorithm'),
      'kms:MessageType': text('MessageType'),
      'kms:RequestAlias': text('KeyId')?.replace(/^arn:.*:(?=alias\/)/, ''),
    },
  };
}

function parse(body: Buffer): Input {
  try {
    const value: unknown = JSON.parse(body.toString() || '{}');
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Handled below like any body that is not an object.
  }
  throw new KmsError('SerializationException', 'The body is not a JSON object');
}
