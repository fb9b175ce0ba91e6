import { MyKeyError } from '../../../errors.ts';
import { counted, type DownloadLimits } from './counted.ts';

/** GET over HTTP(S) without following redirects: only URLs of the trust profile are requested. */
export async function* httpDownload(
  url: string,
  limits: DownloadLimits,
): AsyncIterable<Uint8Array> {
  const response = await request(url, limits);
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw new MyKeyError(
      'crl-download-failed',
      `the source redirects (${response.status}): name the list's own address in the trust profile`,
    );
  }
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new MyKeyError('crl-download-failed', `the source answered ${response.status}`);
  }
  const length = response.headers.get('content-length');
  // With a content coding, Content-Length would be the length of the encoded form (RFC 9110 §8.6).
  const announced =
    length !== null && !response.headers.has('content-encoding') ? Number(length) : undefined;
  yield* counted(response.body, announced, limits);
}

async function request(url: string, limits: DownloadLimits): Promise<Response> {
  try {
    return await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'application/pkix-crl, */*;q=0.1', 'accept-encoding': 'identity' },
      signal: AbortSignal.timeout(limits.totalMs),
    });
  } catch (cause) {
    throw new MyKeyError('crl-download-failed', 'the source cannot be reached', { cause });
  }
}
