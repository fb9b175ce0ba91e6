import { randomUUID } from 'node:crypto';
import { Agent, type IncomingMessage, request as send } from 'node:http';
import { jsonRefusal, signerOf } from './iam/guard.ts';
import type { Iam } from './iam/iam.ts';
import { dynamoDbNeeds } from './iam/needs.ts';
import { authorizationOf, type TablesAddress } from './provision/create-tables.ts';
import { type Answer, type LoopbackServer, readBody, serveLoopback } from './serve-loopback.ts';
import type { Environment } from './template/evaluate.ts';

interface GateOptions {
  /** DynamoDB Local's endpoint, once it has started. */
  readonly address: () => Promise<TablesAddress>;
  /** Why a write would fail: the gate then refuses it immediately with a service error. */
  readonly shortage: () => string | undefined;
  readonly iam: Iam;
  readonly environment: Environment;
}

/** DynamoDB accepts requests of up to 16 MB (BatchWriteItem). */
const bodyLimit = 16 * 1024 * 1024;

const internalError = 'com.amazonaws.dynamodb.v20120810#InternalServerError';
const writes = /^(Put|Update|Delete|BatchWrite|TransactWrite)/;

/**
 * A proxy for DynamoDB Local, which performs no authorization: forwards only requests that the
 * signer is permitted.
 */
export function startDynamoDbGate({
  address,
  shortage,
  iam,
  environment,
}: GateOptions): Promise<LoopbackServer> {
  const agent = new Agent({ keepAlive: true });
  return serveLoopback(async (request, body, response) => {
    const content = await body(bodyLimit);
    const operation = String(request.headers['x-amz-target']).replace(/^DynamoDB_\d+\./, '');
    try {
      const signer = signerOf(iam, 'dynamodb', request, content);
      const input = JSON.parse(content.toString() || '{}') as Readonly<Record<string, unknown>>;
      iam.authorize(signer, ...dynamoDbNeeds(operation, input, environment));
    } catch (cause) {
      const refusal = jsonRefusal(cause);
      if (refusal === undefined) throw cause;
      return answer(400, `com.amazon.coral.service#${refusal.type}`, refusal.message);
    }
    const short = writes.test(operation) ? shortage() : undefined;
    if (short !== undefined) return answer(500, internalError, short);
    try {
      const tables = await address();
      // A client that waited for the tables may have timed out and retried: its first request must
      // not be written late.
      if (response.destroyed) return undefined;
      return await forward(request, content, tables, agent);
    } catch {
      return answer(500, internalError, 'DynamoDB Local does not answer');
    }
  });
}

/** A response is at most 16 MB (BatchGetItem); passed on whole, it takes one write of the socket. */
async function forward(
  request: IncomingMessage,
  content: Buffer,
  { endpoint, accessKeyId }: TablesAddress,
  agent: Agent,
): Promise<Answer> {
  const upstream = await new Promise<IncomingMessage>((resolve, reject) => {
    const { method = 'POST' } = request;
    const headers = { ...request.headers, authorization: authorizationOf(accessKeyId) };
    const outgoing = send(endpoint, { agent, method, headers }, resolve);
    outgoing.on('error', reject);
    outgoing.end(content);
  });
  const headers = Object.entries(upstream.headers).filter(
    (header): header is [string, string] =>
      typeof header[1] === 'string' && !ofTheConnection.has(header[0]),
  );
  return {
    status: upstream.statusCode ?? 500,
    headers: Object.fromEntries(headers),
    body: await readBody(upstream, Infinity),
  };
}

/** Headers that belong to one connection (RFC 9110 §7.6.1), or that the server sets itself. */
const ofTheConnection = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
]);

const answer = (status: number, type: string, message: string) => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() },
  body: JSON.stringify({ __type: type, message, Message: message }),
});
