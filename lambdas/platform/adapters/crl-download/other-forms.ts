import { MyKeyError } from '../../../errors.ts';
import { adapterLimits } from '../limits.ts';

/** A DER SEQUENCE begins so; nothing that begins otherwise is a list. */
const derSequence = 0x30;

const magics: readonly (readonly [form: string, octets: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['a ZIP archive', [0x50, 0x4b, 0x03, 0x04]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd]],
  ['a PDF', [0x25, 0x50, 0x44, 0x46]],
  ['UTF-16 text', [0xff, 0xfe]],
  ['UTF-16 text', [0xfe, 0xff]],
];

/**
 * Says in words what stands where the DER of a list is expected, with the cure where there is one;
 * undefined for what may be DER.
 */
export function foundInstead(head: Uint8Array): string | undefined {
  if (head.length === 0) return 'nothing: the file is empty';
  if (head[0] === derSequence) return undefined;
  const magic = magics.find(([, octets]) => octets.every((octet, n) => head[n] === octet));
  if (magic !== undefined) return `${magic[0]}: unpack or convert it to DER first`;
  const text = Buffer.from(head)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
  if (label === 'X509 CRL') return 'PEM: openssl crl -in FILE -outform DER makes DER of it';
  if (label !== undefined) return `PEM of another kind (${label})`;
  if (/^<(?:!doctype html|html|head|body)/i.test(text)) return 'an HTML page';
  if (text.startsWith('<')) return 'XML';
  if (/^(?:version:\s*1|dn::?|#.*\n(?:.*\n)*dn::?)/i.test(text)) {
    return 'LDIF: the list is the base64 value of certificateRevocationList in it';
  }
  if (text.startsWith('{') || text.startsWith('[')) return 'JSON';
  if (/^MI[A-Za-z0-9+/\s]+=*\s*$/.test(text)) return 'base64 text: decode it to DER first';
  if (head.every((octet) => octet === 0)) return 'zero octets';
  if (head.length > 3 && head.some((octet, n) => octet === 0 && n < 64) && isText(text)) {
    return 'UTF-16 text';
  }
  return isText(text) ? 'text' : `no DER: it begins with 0x${hex(head[0]!)}`;
}

const isText = (text: string): boolean =>
  /^[\0\t\r\n\x20-\x7e\x80-\xff]*$/.test(text) && /[\x20-\x7e]{4}|\0/.test(text);

const hex = (octet: number): string => octet.toString(16).padStart(2, '0');

/** Passes on what may be DER. @throws MyKeyError `crl-malformed`, saying what was found instead */
export async function* refuseOtherForms(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = head.length === 0 ? Buffer.from(chunk) : Buffer.concat([head, chunk]);
    if (head.length < adapterLimits.formHeadOctets && head[0] !== derSequence) continue;
    refuse(head);
    yield head;
    head = undefined;
  }
  if (head === undefined) return;
  refuse(head);
  yield head;
}

function refuse(head: Buffer): void {
  const found = foundInstead(head.subarray(0, adapterLimits.formHeadOctets));
  if (found !== undefined) throw new MyKeyError('crl-malformed', `found ${found}`);
}
