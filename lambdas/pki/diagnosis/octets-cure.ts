import { toHex } from '../x509/octets.ts';
import { exposedKey, headerAt, otherFormOf, structureOf, type Structure } from './what-it-is.ts';

export type WantedStructure = Extract<Structure, 'certificate' | 'list' | 'response'>;

/**
 * Advice for octets that are not the expected DER structure: the cure first, then what they are. Undefined
 * when the parser's own message is the best there is. Never quotes the octets.
 * @param whole false when `bytes` are only the beginning, so that their length is not checked
 */
export function octetsCure(
  bytes: Uint8Array,
  wanted: WantedStructure,
  whole = true,
): string | undefined {
  const front = whole ? prefixCure(bytes, nameOf[wanted]) : undefined;
  if (front !== undefined) return front;
  const form = otherFormOf(bytes);
  if (form) {
    const { what, cure = `${withArticle(nameOf[wanted])} in DER is needed` } = form;
    return `${cure}: this is ${what}`;
  }
  const found = structureOf(bytes);
  if (found !== undefined && found !== wanted) return otherStructure(found, wanted);
  return whole ? lengthCure(bytes, wanted) : undefined;
}

/** Whether the first octets are compatible with the expected structure. */
export function isPlausible(bytes: Uint8Array, wanted: WantedStructure): boolean {
  const found = structureOf(bytes) ?? wanted;
  return found === wanted && otherFormOf(bytes) === undefined;
}

const nameOf: Readonly<Record<WantedStructure, string>> = {
  certificate: 'certificate',
  list: 'CRL',
  response: 'OCSP response',
};

const withArticle = (name: string): string => `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;

function otherStructure(found: Structure, wanted: WantedStructure): string {
  const name = nameOf[wanted];
  const named = found in nameOf ? nameOf[found as WantedStructure] : found;
  const what = `this is ${withArticle(named)}`;
  if (found === 'private key' || found === 'encrypted private key') {
    return `${exposedKey}; a ${name} is needed: ${what}`;
  }
  if (found === 'PKCS #7 (CMS) message') {
    return `take the ${name} out of it (openssl pkcs7 -inform DER -print_certs): ${what}`;
  }
  if (found === 'PKCS #12 file') {
    return `take the ${name} out of it, and never send this file, which holds a private key: ${what}`;
  }
  if (found === 'sequence of certificates') {
    return `send one certificate, and CA certificates as intermediates: ${what}`;
  }
  if (found === 'certification request (PKCS #10)') {
    return `wait for the certificate that the CA issues for it: ${what}`;
  }
  const ask = wanted === 'certificate' ? 'a certificate' : `the ${name}`;
  return `give ${ask} in its place: ${what}`;
}

const count = (octets: number): string => octets.toLocaleString('en');

/** Advice for missing octets, or for octets after the end of the DER value. */
function lengthCure(bytes: Uint8Array, wanted: WantedStructure): string | undefined {
  const name = nameOf[wanted];
  const outer = headerAt(bytes, 0);
  if (outer === undefined) return undefined;
  const { end } = outer;
  if (end > bytes.length) {
    return `give the whole ${name}: it is cut, ${count(bytes.length)} of ${count(end)} octets`;
  }
  if (end === bytes.length) return undefined;
  const rest = bytes.subarray(end);
  const many = octetsInWords(rest.length);
  if (toHex(rest) === '9000') {
    return `cut off the card's status word 90 00, ${many} after the ${name}`;
  }
  if (rest.every((octet) => octet === 0)) {
    return `cut off the padding: ${many} of zero after the ${name}`;
  }
  if (structureOf(rest) === wanted) {
    return `give one ${name} at a time: another one follows it, in ${many}`;
  }
  return `cut off what follows the ${name}: ${many}`;
}

/** Longest prefix that is looked for: a wrapper's tag and length, a length prefix, a byte order mark. */
const longestPrefix = 16;

function prefixCure(bytes: Uint8Array, name: string): string | undefined {
  if (bytes[0] === 0x30) return undefined;
  for (let at = 1; at <= longestPrefix; at++) {
    const header = headerAt(bytes, at);
    const isWhole = header?.tag === 0x30 && header.end === bytes.length && header.start - at > 2;
    if (isWhole) return `cut off what precedes the ${name}: ${octetsInWords(at)}`;
  }
  return undefined;
}

export const octetsInWords = (count: number): string =>
  count === 1 ? '1 octet' : `${count.toLocaleString('en')} octets`;
