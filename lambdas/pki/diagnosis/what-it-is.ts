import { contextConstructed, tag as tags } from '../x509/der.ts';
import { toHex, toLatin1 } from '../x509/octets.ts';

/**
 * A kind of DER structure, recognised by its outermost fields, also when the rest is missing. It is used in
 * messages only and decides nothing.
 */
export type Structure =
  | 'certificate'
  | 'list'
  | 'response'
  | 'OCSP request'
  | 'certification request (PKCS #10)'
  | 'private key'
  | 'encrypted private key'
  | 'public key'
  | 'signature'
  | 'DigestInfo'
  | 'PKCS #7 (CMS) message'
  | 'PKCS #12 file'
  | 'sequence of certificates';

interface Header {
  readonly tag: number;
  /** Start of the content, and its end by the length field, which may exceed truncated octets. */
  readonly start: number;
  readonly end: number;
}

/** Reads one tag and length (X.690 §8.1) leniently; undefined if there is none. */
export function headerAt(bytes: Uint8Array, at: number): Header | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  if (count === 0 || count > 4 || at + 2 + count > bytes.length) return undefined;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + bytes[at + 2 + i]!;
  return { tag, start: at + 2 + count, end: at + 2 + count + length };
}

/** Headers of the contained values; their content may be truncated. */
function childrenOf(bytes: Uint8Array, parent: Header, most = 10): readonly Header[] {
  const children: Header[] = [];
  for (let at = parent.start; at < parent.end && children.length < most;) {
    const child = headerAt(bytes, at);
    if (child === undefined) break;
    children.push(child);
    at = child.end;
  }
  return children;
}

export function structureOf(bytes: Uint8Array): Structure | undefined {
  const outer = headerAt(bytes, 0);
  return outer?.tag === tags.sequence ? structureIn(bytes, outer) : undefined;
}

function structureIn(bytes: Uint8Array, outer: Header): Structure | undefined {
  const [first, second, third] = childrenOf(bytes, outer);
  switch (first?.tag) {
    case tags.enumerated:
      return 'response';
    case tags.oid:
      // 1.2.840.113549.1.7: pkcs-7.
      return isOid(bytes, first, '2a864886f70d0107') ? 'PKCS #7 (CMS) message' : undefined;
    case tags.integer:
      if (second?.tag === tags.octetString) return 'private key';
      if (second?.tag === tags.integer) {
        if (third !== undefined) return 'private key';
        return second.end - second.start <= 4 ? 'public key' : 'signature';
      }
      if (second?.tag !== tags.sequence) return undefined;
      if (bytes[first.start] === 3) return 'PKCS #12 file';
      return third?.tag === tags.octetString ? 'private key' : undefined;
    case tags.sequence:
      return structureWithSequence(bytes, first, second);
    default:
      return undefined;
  }
}

function structureWithSequence(
  bytes: Uint8Array,
  first: Header,
  second: Header | undefined,
): Structure | undefined {
  const [a, b, c, d] = childrenOf(bytes, first);
  if (a?.tag === tags.oid) {
    if (second?.tag === tags.bitString) return 'public key';
    if (second?.tag !== tags.octetString) return undefined;
    return second.end - second.start <= 64 ? 'DigestInfo' : 'encrypted private key';
  }
  if (a?.tag === contextConstructed(0)) return 'certificate';
  if (a?.tag === tags.integer && b?.tag === tags.sequence) {
    if (d !== undefined && isTime(d)) return 'list';
    if (d?.tag === contextConstructed(0)) return 'certification request (PKCS #10)';
    return d?.tag === tags.sequence ? 'certificate' : undefined;
  }
  if (a?.tag !== tags.sequence) return undefined;
  if (c !== undefined && isTime(c)) return 'list';
  const [inner] = childrenOf(bytes, a, 1);
  if (inner?.tag === contextConstructed(0) || inner?.tag === tags.integer)
    return 'sequence of certificates';
  return inner?.tag === tags.sequence ? 'OCSP request' : undefined;
}

const isTime = ({ tag }: Header): boolean => tag === tags.utcTime || tag === tags.generalizedTime;

const isOid = (bytes: Uint8Array, { start, end }: Header, prefix: string): boolean =>
  toHex(bytes.subarray(start, end)).startsWith(prefix);

/** File formats by their first octets. */
const magics: readonly (readonly [form: string, octets: string])[] = [
  ['gzip', '1f8b'],
  ['a ZIP archive or a workbook (.xlsx)', '504b0304'],
  ['bzip2', '425a68'],
  ['xz', 'fd377a585a'],
  ['Zstandard', '28b52ffd'],
  ['7-Zip', '377abcaf271c'],
  ['a RAR archive', '526172211a07'],
  ['lz4', '04224d18'],
  ['compress (.Z)', '1f9d'],
  ['a PDF', '25504446'],
  ['a workbook (.xls)', 'd0cf11e0a1b11ae1'],
  ['a PNG image', '89504e47'],
  ['a JPEG image', 'ffd8ff'],
];

/** "ustar" stands there in a tar archive (POSIX.1-1988), behind the first file's name. */
const tarMagicAt = 257;

/** An archive or compressed file, which may contain PEM between other octets. */
export function archiveFormOf(bytes: Uint8Array): OtherForm | undefined {
  const head = toHex(bytes.subarray(0, 16));
  const what = magics.find(([, octets]) => head.startsWith(octets))?.[0];
  if (what !== undefined) return { what, cure: 'unpack or convert it to DER' };
  const isTar = toLatin1(bytes.subarray(tarMagicAt, tarMagicAt + 5)) === 'ustar';
  return isTar ? { what: 'a tar archive', cure: 'unpack it' } : undefined;
}

/** A format that is not DER. `cure` is the advice, as a command or half a sentence. */
export interface OtherForm {
  readonly what: string;
  readonly cure?: string | undefined;
}

/** The format of octets that are not DER, by their first octets; undefined if they may be DER. */
export function otherFormOf(bytes: Uint8Array): OtherForm | undefined {
  if (bytes.length === 0) return { what: 'nothing: it is empty' };
  const [first] = bytes;
  const head = toHex(bytes.subarray(0, 16));
  if (head.includes('efbfbd') || head.startsWith('30c282')) {
    return { what: 'octets that were read as text', cure: 'read the file as binary' };
  }
  if (first === tags.sequence && !isPrintable(bytes.subarray(0, 64))) return undefined;
  // `3082…` and `3081…`, hexadecimal of DER, are base64 as well.
  if (head.startsWith('df4f36') || head.startsWith('df4f35')) {
    return { what: 'hexadecimal', cure: 'send the octets in standard base64 (RFC 4648 §4)' };
  }
  const archive = archiveFormOf(bytes);
  if (archive) return archive;
  const isUtf16 = head.startsWith('fffe') || head.startsWith('feff') || looksLikeUtf16(bytes);
  if (isUtf16) return { what: 'UTF-16 text', cure: 'save or send the octets as they are' };
  const text = toLatin1(bytes.subarray(0, 512))
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  if (text === '' && bytes.length <= 512) return { what: 'nothing but blanks' };
  return textFormOf(text) ?? rawFormOf(bytes, text);
}

function textFormOf(text: string): OtherForm | undefined {
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
  if (label !== undefined) return { what: `PEM (${label})`, cure: pemCure(label) };
  if (/^<(?:!doctype html|html|head|body)/i.test(text)) return { what: 'an HTML page' };
  if (text.startsWith('<')) return { what: 'XML' };
  if (/^(?:version:\s*1|dn::?|#.*\n(?:.*\n)*dn::?)/i.test(text)) {
    return {
      what: 'LDIF',
      cure: 'take the base64 value of certificateRevocationList or userCertificate out of it',
    };
  }
  if (text.startsWith('{') || text.startsWith('[')) return { what: 'JSON' };
  if (/^(?:0x)?30[ :]?8[0-4][0-9a-f :\r\n]+$/i.test(text)) {
    return { what: 'hexadecimal text', cure: 'decode it to DER' };
  }
  if (/^MI[A-Za-z0-9+/\s]+=*\s*$/.test(text)) {
    return { what: 'base64 text', cure: 'decode it to DER' };
  }
  if (/^MI[\w\s-]+=*\s*$/.test(text)) return { what: 'base64url text', cure: 'decode it to DER' };
  return undefined;
}

function pemCure(label: string): string | undefined {
  if (label === 'X509 CRL') return 'openssl crl -in FILE -outform DER makes DER of it';
  if (label === 'CERTIFICATE') return 'openssl x509 -in FILE -outform DER makes DER of it';
  if (label.includes('PRIVATE KEY')) return exposedKey;
  return undefined;
}

export const exposedKey = 'consider this key exposed, and send no private key to anybody';

function rawFormOf(bytes: Uint8Array, text: string): OtherForm {
  if (bytes.every((octet) => octet === 0)) return { what: 'zero octets' };
  if (isText(text)) return { what: 'text' };
  return { what: `no DER: it begins with 0x${toHex(bytes.subarray(0, 1))}` };
}

/** In DER, the second or third octet is not printable. */
const isPrintable = (bytes: Uint8Array): boolean =>
  bytes.length > 3 && /^[\t\r\n\x20-\x7e]*$/.test(toLatin1(bytes));

const looksLikeUtf16 = (bytes: Uint8Array): boolean =>
  bytes.length > 3 &&
  bytes[0] !== 0 &&
  bytes.subarray(0, 64).some((octet) => octet === 0) &&
  isText(toLatin1(bytes.subarray(0, 512)));

const isText = (text: string): boolean =>
  /^[\0\t\r\n\x20-\x7e\x80-\xff]*$/.test(text) && /[\x20-\x7e]{4}|\0/.test(text);
