import type { IncomingMessage } from 'node:http';

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Why a request is not for a server on this machine's loopback, or undefined where it is. A page of
 * another site can make a browser send requests here: by its own name pointed at 127.0.0.1 (DNS
 * rebinding), which shows in Host, or across sites, which shows in Origin.
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
