import type { OcspClient, OcspExchange, OcspQuestion } from '../../../pki/ocsp/ocsp-client.ts';

/**
 * OCSP over HTTP (RFC 6960 appendix A). Asks at most twice within the question's time, follows no
 * redirect, reads at most the question's bytes, and never looks into the answer.
 */
export const httpOcspClient: OcspClient = {
  async ask(question) {
    const deadline = performance.now() + question.timeoutMs;
    // The first try leaves time for a second: a connection that hangs may succeed when made anew.
    const shortest = asGet(question) ?? asPost(question);
    const first = await askOnce(shortest, question, question.timeoutMs * firstShare);
    if (first.outcome === 'answered' || first.outcome === 'malformed') return first;
    const left = deadline - performance.now();
    if (left < minimumTryMs) return first;
    // By POST, which every responder takes.
    return askOnce(asPost(question), question, left);
  },
};

const firstShare = 0.6;
/** Less than this is no time for a connection and an answer. */
const minimumTryMs = 20;
/** RFC 6960 §A.1: GET may be used where the whole URL "is less than 255 bytes". */
const maximumGetUrl = 255;

interface HttpRequest {
  readonly url: string;
  readonly settings: RequestInit;
}

async function askOnce(
  { url, settings }: HttpRequest,
  { maximumBytes }: OcspQuestion,
  timeoutMs: number,
): Promise<OcspExchange> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    // A redirect would lead to a place that the trust profile does not name.
    const response = await fetch(url, { ...settings, redirect: 'manual', signal: abort.signal });
    return await answerOf(response, maximumBytes);
  } catch {
    return { outcome: abort.signal.aborted ? 'timeout' : 'unreachable' };
  } finally {
    clearTimeout(timer);
    // Ends a body that was not read to its end, so that its connection is not kept.
    abort.abort();
  }
}

function asGet({ url, request }: OcspQuestion): HttpRequest | undefined {
  const encoded = encodeURIComponent(Buffer.from(request).toString('base64'));
  const getUrl = `${url}${url.endsWith('/') ? '' : '/'}${encoded}`;
  return getUrl.length < maximumGetUrl ? { url: getUrl, settings: {} } : undefined;
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
