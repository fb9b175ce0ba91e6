import { Client } from 'ldapts';
import { isCodedError, MyKeyError } from '../../../errors.ts';
import { counted, tooLarge, type DownloadLimits } from './counted.ts';
import { adapterLimits } from '../limits.ts';

/**
 * Attribute names of RFC 4523 §2.3 and §2.4; directories transfer these values with `;binary` (RFC
 * 4522).
 */
const attribute = 'certificateRevocationList';

/**
 * `ldap://host/dn?attribute` (RFC 4516): reads the attribute of that one entry with an anonymous
 * bind. The size is limited while data arrives.
 */
export async function* ldapDownload(
  url: string,
  limits: DownloadLimits,
): AsyncIterable<Uint8Array> {
  const { protocol, host, pathname, search } = new URL(url);
  const dn = decodeURIComponent(pathname.slice(1));
  const wanted = decodeURIComponent(search.slice(1).split('?')[0] ?? '') || `${attribute};binary`;
  const held = {
    ...limits,
    maximumBytes: Math.min(limits.maximumBytes, adapterLimits.ldapListOctets),
  };
  const client = new Client({
    url: `${protocol}//${host}`,
    connectTimeout: Math.min(10_000, limits.totalMs),
    timeout: limits.totalMs,
  });
  const arrival = boundArrival(client, held.maximumBytes + adapterLimits.ldapFramingOctets);
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
    if (arrival.exceeded) throw tooLarge();
    throw new MyKeyError('crl-download-failed', 'the directory cannot be read', { cause });
  } finally {
    await client.unbind().catch(() => {});
  }
}

/**
 * The client's socket, which its public interface does not expose: used to count octets and to
 * close the connection.
 */
interface Insides {
  readonly messageParser: { read: (data: Buffer, details: unknown) => void };
  readonly socket?: { destroy(): void };
}

/**
 * Buffers incoming data and passes each LDAP message on in one piece, because the client's parser
 * copies its whole buffer for every chunk. Closes the connection as soon as more than the limit
 * arrives or is announced.
 */
function boundArrival(client: Client, maximumBytes: number): { readonly exceeded: boolean } {
  const insides = client as unknown as Insides;
  const parse = insides.messageParser.read.bind(insides.messageParser);
  const state = { exceeded: false };
  let pieces: Buffer[] = [];
  let held = 0;
  let wanted = 1;
  let arrived = 0;
  insides.messageParser.read = (data, details) => {
    if (state.exceeded) return;
    pieces.push(data);
    held += data.length;
    arrived += data.length;
    if (arrived <= maximumBytes && held < wanted) return;
    const all = Buffer.concat(pieces);
    let whole = 0;
    let size = messageSize(all, 0);
    while (size !== undefined && whole + size <= all.length) {
      whole += size;
      size = messageSize(all, whole);
    }
    if (arrived > maximumBytes || (size ?? 0) > maximumBytes) {
      state.exceeded = true;
      pieces = [];
      insides.socket?.destroy();
      return;
    }
    pieces = [all.subarray(whole)];
    held = all.length - whole;
    wanted = size ?? held + 1;
    if (whole > 0) parse(all.subarray(0, whole), details);
  };
  return state;
}

/**
 * Length of the SEQUENCE at this position (RFC 4511 §4.1.1); undefined if the length octets have
 * not arrived.
 */
function messageSize(bytes: Buffer, at: number): number | undefined {
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const octets = first & 0x7f;
  if (octets > 6) return Number.MAX_SAFE_INTEGER;
  if (bytes.length < at + 2 + octets) return undefined;
  return 2 + octets + (octets === 0 ? 0 : bytes.readUIntBE(at + 2, octets));
}

/** Compares attribute names without case and without `;binary` (RFC 4522 §3). */
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
