import { isIPv4, isIPv6 } from 'node:net';
import { DerError } from '../lambdas/pki/x509/der.ts';
import type { GeneralName } from '../lambdas/pki/x509/general-name.ts';
import { parseName } from '../lambdas/pki/x509/name.ts';

/**
 * The base of a subtree, prefixed with its name form of RFC 5280 §4.2.1.6: `dNSName:example.com`,
 * `rfc822Name:.example.com`, `uniformResourceIdentifier:example.com`, `iPAddress:192.0.2.0/24`,
 * `directoryName:` and the Name as base64 of its DER. Undefined for anything else.
 */
export function subtreeFrom(text: string): GeneralName | undefined {
  const colon = text.indexOf(':');
  const form = text.slice(0, colon);
  const base = text.slice(colon + 1);
  switch (form) {
    case 'dNSName':
    case 'rfc822Name':
    case 'uniformResourceIdentifier':
      return /^[ -~]*$/.test(base) ? { form, text: base } : undefined;
    case 'iPAddress': {
      const octets = addressRange(base);
      return octets && { form, octets };
    }
    case 'directoryName':
      try {
        return { form, name: parseName(Buffer.from(base, 'base64')) };
      } catch (error) {
        if (error instanceof DerError) return undefined;
        throw error;
      }
    default:
      return undefined;
  }
}

/** Converts CIDR notation to address and mask (RFC 5280 §4.2.1.10). */
function addressRange(text: string): Uint8Array | undefined {
  const [address = '', length = '', ...more] = text.split('/');
  const octets = isIPv4(address)
    ? Uint8Array.from(address.split('.').map(Number))
    : isIPv6(address) && !address.includes('%')
      ? ipv6Octets(address)
      : undefined;
  const bits = Number(length);
  if (!octets || more.length > 0 || !/^\d{1,3}$/.test(length) || bits > octets.length * 8) {
    return undefined;
  }
  const mask = octets.map((_, i) => 0xff00 >> Math.min(8, Math.max(0, bits - 8 * i)));
  return Uint8Array.from([...octets, ...mask]);
}

function ipv6Octets(address: string): Uint8Array {
  // The URL parser normalises IPv6 addresses: hexadecimal groups, the longest run of zeros as "::".
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = [], after = []] = written
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16))));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return Uint8Array.from([...before, ...zeros, ...after].flatMap((n) => [n >> 8, n & 0xff]));
}
