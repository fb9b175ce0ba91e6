import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Authority } from './authority.ts';
import { strangeRequest } from '../loopback-only.ts';
import { controlCall } from './control-api.ts';
import { ocspError } from './ocsp-responder.ts';
import { SandboxRefusal } from './sandbox-refusal.ts';
import type { Jlis, ServiceState } from './start-jlis.ts';

export interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer | object;
}

/**
 * Serves OCSP, CRLs, linkage and control calls on one loopback server. A stopped service drops the
 * connection, like an unavailable server.
 */
export function serveJlis(server: Server, jlis: Jlis): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void respond(jlis, request)
      .catch(refusal)
      .then((answer) => send(response, answer));
  });
}

async function respond(jlis: Jlis, request: IncomingMessage): Promise<Answer | 'drop'> {
  const strange = strangeRequest(request);
  if (strange !== undefined) throw new SandboxRefusal(403, 'request-refused', strange);
  const { pathname } = new URL(request.url ?? '/', jlis.url);
  const [area = '', ...rest] = pathname.slice(1).split('/');
  if (area === 'control') {
    // Control calls from web pages are refused (CSRF).
    if (request.headers.origin !== undefined) {
      throw new SandboxRefusal(403, 'origin-refused', 'control calls do not come from web pages');
    }
    const path = rest.join('/').replace(/\/$/, '');
    return { body: await controlCall(jlis, request.method ?? 'GET', path, await json(request)) };
  }
  if (area === 'ocsp') return ocsp(jlis, request, rest);
  if (area === 'crl') return crl(jlis, rest);
  const added = jlis.pages.get(area);
  if (added !== undefined) return added(new URL(request.url ?? '/', jlis.url));
  if (area === 'linkage') return linkage(jlis, request, rest.join('/'));
  throw notFound();
}

/** RFC 6960 appendix A.1: POST with the request as body, GET with its base64 as path. */
async function ocsp(
  jlis: Jlis,
  request: IncomingMessage,
  [id = '', ...encoded]: readonly string[],
): Promise<Answer | 'drop'> {
  const type = 'application/ocsp-response';
  const state = jlis.services.ocsp;
  if (state === 'try-later') return { type, body: ocspError('tryLater') };
  const down = await outOfService(state);
  if (down) return down;
  const authority = authorityOf(jlis, id);
  const asked =
    request.method === 'GET'
      ? Buffer.from(decodeURIComponent(encoded.join('/')), 'base64')
      : await body(request, 64 * 1024);
  return { type, body: await jlis.responder.answer(authority, asked) };
}

async function crl(jlis: Jlis, [id = '', file = '']: readonly string[]): Promise<Answer | 'drop'> {
  const down = await outOfService(jlis.services.crl);
  if (down) return down;
  const lists = await jlis.published();
  const list = lists.get(`${authorityOf(jlis, id).id}/${file.replace(/\.crl$/, '')}`);
  if (!list) throw notFound();
  return { type: 'application/pkix-crl', body: list };
}

async function linkage(
  jlis: Jlis,
  request: IncomingMessage,
  path: string,
): Promise<Answer | 'drop'> {
  const down = await outOfService(jlis.services.linkage);
  if (down) return down;
  const asked = (await json(request)) as { issuerKeyId?: unknown; serial?: unknown } | undefined;
  const { issuerKeyId, serial } = asked ?? {};
  if (typeof issuerKeyId !== 'string' || typeof serial !== 'string') {
    throw new SandboxRefusal(400, 'request-invalid', 'issuerKeyId and serial are wanted');
  }
  const answer =
    path === 'renewals'
      ? jlis.linkage.renewals({ issuerKeyId, serial })
      : path === 'signature-certificates'
        ? jlis.linkage.signatureCertificates({ issuerKeyId, serial })
        : undefined;
  if (!answer) throw notFound();
  return { body: answer };
}

async function outOfService(state: ServiceState): Promise<Answer | 'drop' | undefined> {
  if (state === 'slow') await delay(slowMs);
  if (state === 'running' || state === 'slow') return undefined;
  return state === 'stopped' ? 'drop' : { status: 503, body: { code: 'out-of-service' } };
}

/** Less than the platform's timeout for one linkage call, but more than its budget for several. */
const slowMs = 2_000;

function authorityOf(jlis: Jlis, id: string): Authority {
  const authority = jlis.authorities.find((each) => each.id === id);
  if (!authority) throw notFound();
  return authority;
}

const notFound = (): SandboxRefusal => new SandboxRefusal(404, 'not-found', 'nothing is here');

function refusal(error: unknown): Answer {
  if (error instanceof SandboxRefusal) {
    const { status, code, message, details } = error;
    return { status, body: { code, detail: message, ...details } };
  }
  return { status: 500, body: { code: 'internal-error', detail: String(error) } };
}

function send(response: ServerResponse, answer: Answer | 'drop'): void {
  if (answer === 'drop') {
    response.socket?.destroy();
    return;
  }
  const bytes = Buffer.isBuffer(answer.body)
    ? answer.body
    : Buffer.from(`${JSON.stringify(answer.body, undefined, 2)}\n`);
  response.writeHead(answer.status ?? 200, {
    'content-type': answer.type ?? 'application/json',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    ...answer.headers,
  });
  response.end(bytes);
}

async function json(request: IncomingMessage): Promise<unknown> {
  const bytes = await body(request, 256 * 1024);
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new SandboxRefusal(400, 'request-invalid', `the body is not JSON: ${String(cause)}`);
  }
}

async function body(request: IncomingMessage, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > limit) throw new SandboxRefusal(413, 'request-too-large', 'the body is too large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}
