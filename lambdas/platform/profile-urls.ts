/**
 * Why a URL in a trust profile is unusable, reported when the profile is read rather than at the
 * first request; undefined if it is usable. Private addresses are allowed (LGWAN, leased lines),
 * because only the operator writes the profile.
 */
export const responderUrlFault = (text: string): string | undefined =>
  httpUrlFault(text, 'responders are queried', false);

export const linkageUrlFault = (text: string): string | undefined =>
  httpUrlFault(text, 'the linkage service is queried', true);

/** RFC 6960 §A.1 appends the request to the responder's path; the responder's query is kept. */
function httpUrlFault(text: string, who: string, isBase: boolean): string | undefined {
  const fault = urlFault(text, ['http:', 'https:'], `${who} by http: or https:`);
  if (fault !== undefined) return fault;
  const { hash, search } = new URL(text);
  if (hash !== '') return 'has a fragment, which is never sent to a server (RFC 9110 §4.2.5)';
  return isBase && search !== '' ? 'has a query, but paths are appended to this URL' : undefined;
}

export function listUrlFault(text: string): string | undefined {
  const schemes = ['http:', 'https:', 'ldap:', 'ldaps:', 's3:'];
  const fault = urlFault(text, schemes, 'lists are fetched by http:, https:, ldap:, ldaps: or s3:');
  if (fault !== undefined) return fault;
  const { protocol, pathname, search } = new URL(text);
  if (!isEncoded(pathname) || !isEncoded(search)) return 'has an invalid percent-encoding';
  if (protocol === 's3:')
    return pathname.length > 1 ? undefined : 'names no object; use s3://bucket/key';
  return protocol.startsWith('ldap') ? ldapUrlFault(pathname, search) : undefined;
}

function urlFault(text: string, schemes: readonly string[], rule: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL';
  const { protocol, hostname, username, password } = new URL(text);
  if (!schemes.includes(protocol)) return `begins with ${protocol}, and ${rule}`;
  if (username !== '' || password !== '') return 'holds credentials';
  if (hostname === '') return 'names no host';
  return isLinkLocal(hostname)
    ? 'names a link-local address, which serves instance metadata'
    : undefined;
}

/** RFC 3927, RFC 4291 §2.5.6, and the address at which EC2 serves metadata by IPv6. */
const isLinkLocal = (hostname: string): boolean =>
  /^169\.254\.\d+\.\d+$/.test(hostname) ||
  /^\[(fe[89ab]|::ffff:a9fe:|fd00:ec2::254\])/i.test(hostname);

/**
 * RFC 4516 §2: ldap://host/dn?attributes?scope?filter?extensions; exactly one attribute of one
 * entry is allowed.
 */
function ldapUrlFault(pathname: string, search: string): string | undefined {
  if (!decodeURIComponent(pathname.slice(1)).includes('=')) {
    return 'names no entry; use ldap://host/dn?attribute';
  }
  const [attributes = '', scope = '', filter = '', extensions = ''] = search.slice(1).split('?');
  if (attributes.includes(',')) return 'requests several attributes';
  if (scope !== '' && scope.toLowerCase() !== 'base') return 'requests more than one entry';
  if (filter !== '' && !/^\(objectclass=\*\)$/i.test(decodeURIComponent(filter))) {
    return 'has a filter';
  }
  return extensions.startsWith('!') ? 'has a critical extension' : undefined;
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
