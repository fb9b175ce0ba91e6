import type { IncomingMessage } from 'node:http';

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Why a request must be refused by a loopback server, or undefined if it is acceptable. A page of
 * another site can make a browser send requests here: through its own name resolved to 127.0.0.1
 * (DNS rebinding), visible in Host, or cross-site, visible in Origin.
 */
export function strangeRequest({ headers }: IncomingMessage): string | undefined {
  const { host, origin } = headers;
  if (host !== undefined && !loopbackNames.has(nameOf(`http://${host}`)))
    return 'Host must be localhost, 127.0.0.1 or [::1]';
  if (origin !== undefined && !loopbackNames.has(nameOf(origin)))
    return 'requests of pages from elsewhere are refused';
  return undefined;
}

function nameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
