import { Client } from 'ldapts';
import { isCodedError, MyKeyError } from '../../../errors.ts';
import { counted, type DownloadLimits } from './counted.ts';

/** RFC 4523 §2.3, §2.4; `;binary` is how directories transfer it (RFC 4522). */
const attribute = 'certificateRevocationList';

/**
 * `ldap://host/dn?attribute` (RFC 4516): the attribute of that one entry, read anonymously. LDAP has
 * no streams: the list is held whole, which is why it is bounded more tightly than over HTTP.
 */
export async function* ldapDownload(
  url: string,
  limits: DownloadLimits,
): AsyncIterable<Uint8Array> {
  const { protocol, host, pathname, search } = new URL(url);
  const dn = decodeURIComponent(pathname.slice(1));
  const wanted = decodeURIComponent(search.slice(1).split('?')[0] ?? '') || `${attribute};binary`;
  const held = { ...limits, maximumBytes: Math.min(limits.maximumBytes, 256 * 1024 * 1024) };
  const client = new Client({
    url: `${protocol}//${host}`,
    connectTimeout: 10_000,
    timeout: limits.totalMs,
  });
  try {
    const { searchEntries } = await client.search(dn, {
      scope: 'base',
      attributes: [wanted],
      explicitBufferAttributes: [wanted, attribute, `${attribute};binary`],
    });
    const list = searchEntries[0] && firstValue(searchEntries[0], wanted);
    if (!list) throw new MyKeyError('crl-download-failed', 'the directory entry holds no list');
    yield* counted(slices(list), undefined, held);
  } catch (cause) {
    if (isCodedError(cause)) throw cause;
    throw new MyKeyError('crl-download-failed', 'the directory cannot be read', { cause });
  } finally {
    await client.unbind().catch(() => {});
  }
}

/** Attribute names are compared without case and without `;binary` (RFC 4522 §3). */
function firstValue(entry: Readonly<Record<string, unknown>>, wanted: string): Buffer | undefined {
  for (const [name, value] of Object.entries(entry)) {
    if (bare(name) !== bare(wanted)) continue;
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (Buffer.isBuffer(first)) return first;
  }
  return undefined;
}

async function* slices(list: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < list.length; at += 1 << 20) yield list.subarray(at, at + (1 << 20));
}

const bare = (name: string): string => name.toLowerCase().replace(';binary', '');
