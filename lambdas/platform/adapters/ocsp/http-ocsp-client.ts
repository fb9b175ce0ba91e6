import { setTimeout as delay } from 'node:timers/promises';
import type { OcspClient, OcspExchange, OcspQuestion } from '../../../pki/ocsp/ocsp-client.ts';
import { parseOcspResponse } from '../../../pki/x509/ocsp.ts';
import { responderMemory } from './responder-memory.ts';
import { adapterLimits } from '../limits.ts';

/**
 * OCSP over HTTP (RFC 6960 appendix A). Makes at most two tries within the given time, follows no
 * redirects and reads at most the given number of octets. The first try may use the whole time; if
 * it has not answered after a part of it, a second try runs concurrently, since a new connection
 * may succeed where one hangs. Only a parseable response ends the query: proxies and captive
 * portals answer a GET with pages of their own.
 */
export const httpOcspClient: OcspClient = askingOcspClient();

/** `now`: monotonic milliseconds, for remembering responders that failed recently. */
export function askingOcspClient(now: () => number = () => performance.now()): OcspClient {
  const memory = responderMemory(now);
  return {
    async ask(question) {
      if (question.mayBeSkipped === true && memory.failedRecently(question.url)) {
        return { outcome: 'recently-failed' };
      }
      const exchange = await askWithinTime(question);
      memory.note(question.url, exchange.outcome);
      return exchange;
    },
  };
}

async function askWithinTime(question: OcspQuestion): Promise<OcspExchange> {
  const deadline = performance.now() + question.timeoutMs;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), question.timeoutMs);
  try {
    // A nonce makes each response unique, so that caches cannot serve it (RFC 9654 §2.1, RFC 5019
    // §4).
    const request =
      (question.sendsNonce === true ? undefined : asGet(question)) ?? asPost(question);
    const first = askOnce(request, question, abort.signal);
    const whileWaiting = { signal: abort.signal };
    const early = await Promise.race([
      first,
      delay(question.timeoutMs * adapterLimits.ocspSecondTryShare, undefined, whileWaiting).catch(
        () => undefined,
      ),
    ]);
    if (early !== undefined && isConclusive(early)) return early;
    if (deadline - performance.now() < adapterLimits.ocspMinimumTryMs)
      return early ?? (await first);
    // POST is supported by every responder (RFC 6960 §A.1).
    return await firstConclusive(first, askOnce(asPost(question), question, abort.signal));
  } finally {
    clearTimeout(timer);
    // Aborts the other try and any partly read body, so that no connection stays open.
    abort.abort();
  }
}

/** The first parseable response, or else the failure of the last try. */
function firstConclusive(
  first: Promise<OcspExchange>,
  second: Promise<OcspExchange>,
): Promise<OcspExchange> {
  return new Promise((resolve) => {
    for (const one of [first, second]) {
      void one.then((exchange) => {
        if (isConclusive(exchange)) resolve(exchange);
      });
    }
    void Promise.all([first, second]).then(([, last]) => resolve(last));
  });
}

function isConclusive(exchange: OcspExchange): boolean {
  if (exchange.outcome !== 'answered') return false;
  try {
    // A request that was altered inside a URL may arrive intact by POST.
    return parseOcspResponse(exchange.response).status !== 'malformedRequest';
  } catch {
    return false;
  }
}

interface HttpRequest {
  readonly url: string;
  readonly settings: RequestInit;
}

/** Never rejects. */
async function askOnce(
  { url, settings }: HttpRequest,
  { maximumBytes }: OcspQuestion,
  signal: AbortSignal,
): Promise<OcspExchange> {
  try {
    // A redirect target is not named in the trust profile.
    const response = await fetch(url, { ...settings, redirect: 'manual', signal });
    const exchange = await answerOf(response, maximumBytes);
    if (exchange.outcome !== 'answered') await response.body?.cancel().catch(() => undefined);
    return exchange;
  } catch {
    return { outcome: signal.aborted ? 'timeout' : 'unreachable' };
  }
}

/**
 * RFC 6960 §A.1: the request is appended as a path segment; the query of the responder's URL is
 * kept after it.
 */
function asGet({ url, request }: OcspQuestion): HttpRequest | undefined {
  const encoded = encodeURIComponent(Buffer.from(request).toString('base64'));
  const [, path, query] = /^([^?#]*)(\?[^#]*)?/.exec(url) as unknown as [string, string, string?];
  const getUrl = `${path}${path.endsWith('/') ? '' : '/'}${encoded}${query ?? ''}`;
  return getUrl.length < adapterLimits.ocspGetUrlOctets ? { url: getUrl, settings: {} } : undefined;
}

const asPost = ({ url, request }: OcspQuestion): HttpRequest => ({
  url,
  settings: {
    method: 'POST',
    headers: { 'content-type': 'application/ocsp-request' },
    body: new Uint8Array(request),
  },
});

async function answerOf(response: Response, maximumBytes: number): Promise<OcspExchange> {
  if (response.status !== 200) return { outcome: 'unreachable' };
  const mediaType = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/ocsp-response') return { outcome: 'malformed' };
  if (Number(response.headers.get('content-length') ?? 0) > maximumBytes) {
    return { outcome: 'malformed' };
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maximumBytes) return { outcome: 'malformed' };
    chunks.push(chunk);
  }
  return { outcome: 'answered', response: Buffer.concat(chunks) };
}
