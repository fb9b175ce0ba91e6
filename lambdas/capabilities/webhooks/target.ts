import { BlockList, isIP } from 'node:net';
import { MyKeyError } from '../../errors.ts';

/** Which targets a deployment permits beyond public addresses. */
export interface TargetRules {
  /** Loopback addresses, also without TLS; for a sandbox only. */
  readonly loopback: boolean;
}

/** IANA special-purpose IPv4 blocks that are not globally reachable, and multicast (RFC 6890). */
const notPublic4 = blocks('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]);

/** Global unicast (RFC 4291 §2.4): everything else, mapped IPv4 too, is refused. */
const unicast6 = blocks('ipv6', [['2000::', 3]]);
/** Within it: protocol assignments, documentation, and 6to4, which carries IPv4 addresses. */
const notPublic6 = blocks('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]);
const loopback4 = blocks('ipv4', [['127.0.0.0', 8]]);

/** True if a connection to this resolved address is permitted. */
export function mayConnect(address: string, rules: TargetRules): boolean {
  const family = isIP(address);
  if (family === 4) {
    if (rules.loopback && loopback4.check(address, 'ipv4')) return true;
    return !notPublic4.check(address, 'ipv4');
  }
  if (family !== 6 || address.includes('%')) return false;
  if (rules.loopback && address === '::1') return true;
  return unicast6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
}

/**
 * The form of a webhook's address; where it leads is checked by `mayConnect` at registration and at
 * each delivery.
 * @throws MyKeyError `webhook-url-refused`
 */
export function parseTarget(given: string, rules: TargetRules): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined) throw refused('give an absolute URL');
  const isLoopback =
    ['localhost', '[::1]'].includes(url.hostname) || url.hostname.startsWith('127.');
  if (url.protocol !== 'https:' && !(rules.loopback && isLoopback && url.protocol === 'http:'))
    throw refused('give an https URL');
  if (url.username !== '' || url.password !== '') throw refused('leave out the user name');
  if (url.hash !== '') throw refused('leave out the fragment');
  return url;
}

export const refused = (why: string): MyKeyError => new MyKeyError('webhook-url-refused', why);

/** The host of a URL as an address, without the brackets of IPv6; undefined for a name. */
export function literalAddress({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? undefined : bare;
}

function blocks(
  family: 'ipv4' | 'ipv6',
  subnets: readonly (readonly [net: string, prefix: number])[],
): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, family);
  return list;
}
