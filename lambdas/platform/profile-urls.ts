/**
 * Why a URL of a trust profile cannot be asked, told when the profile is read and not at night; nothing
 * where it can. Private addresses are in order (LGWAN, a leased line): the profile is the operator's.
 */
export const responderUrlFault = (text: string): string | undefined =>
  httpUrlFault(text, 'responders are asked', false);

export const linkageUrlFault = (text: string): string | undefined =>
  httpUrlFault(text, 'the linkage service is asked', true);

/** RFC 6960 §A.1 puts the request behind the responder's path, and leaves a query in its place. */
function httpUrlFault(text: string, who: string, isBase: boolean): string | undefined {
  const fault = urlFault(text, ['http:', 'https:'], `${who} by http: or https:`);
  if (fault !== undefined) return fault;
  const { hash, search } = new URL(text);
  if (hash !== '') return 'has a fragment, which no server is sent';
  return isBase && search !== '' ? 'has a query, and paths are put behind it' : undefined;
}

export function listUrlFault(text: string): string | undefined {
  const schemes = ['http:', 'https:', 'ldap:', 'ldaps:', 's3:'];
  const fault = urlFault(text, schemes, 'lists come by http:, https:, ldap:, ldaps: or s3:');
  if (fault !== undefined) return fault;
  const { protocol, pathname, search } = new URL(text);
  if (!isEncoded(pathname) || !isEncoded(search)) return 'has a % that encodes nothing';
  if (protocol === 's3:')
    return pathname.length > 1 ? undefined : 'names no object: s3://bucket/key';
  return protocol.startsWith('ldap') ? ldapUrlFault(pathname, search) : undefined;
}

function urlFault(text: string, schemes: readonly string[], rule: string): string | undefined {
  if (!URL.canParse(text)) return 'is no URL';
  const { protocol, hostname, username, password } = new URL(text);
  if (!schemes.includes(protocol)) return `begins with ${protocol}, and ${rule}`;
  if (username !== '' || password !== '') return 'holds credentials';
  if (hostname === '') return 'names no host';
  return isLinkLocal(hostname)
    ? 'names a link-local address, where a function finds its own metadata'
    : undefined;
}

/** RFC 3927, RFC 4291 §2.5.6. */
const isLinkLocal = (hostname: string): boolean =>
  /^169\.254\.\d+\.\d+$/.test(hostname) || /^\[(fe[89ab]|::ffff:a9fe:)/i.test(hostname);

/** RFC 4516 §2: ldap://host/dn?attributes?scope?filter?extensions; one attribute of one entry. */
function ldapUrlFault(pathname: string, search: string): string | undefined {
  if (!decodeURIComponent(pathname.slice(1)).includes('=')) {
    return 'names no entry: ldap://host/dn?attribute';
  }
  const [attributes = '', scope = '', filter = '', extensions = ''] = search.slice(1).split('?');
  if (attributes.includes(',')) return 'asks for several attributes';
  if (scope !== '' && scope.toLowerCase() !== 'base') return 'asks for more than one entry';
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
