import { lookup as lookUpName } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { webhookLimits } from '../../capabilities/webhooks/limits.ts';
import type { SignedNotice } from '../../capabilities/webhooks/signed-notice.ts';
import {
  literalAddress,
  mayConnect,
  type TargetRules,
} from '../../capabilities/webhooks/target.ts';

/** As the function construct sets them. */
export const targetRules = (): TargetRules => ({
  loopback: process.env['WEBHOOK_TARGETS'] === 'loopback',
});

/** All addresses of a name; none if it does not resolve. */
export async function resolveAll(hostname: string): Promise<readonly string[]> {
  try {
    return (await lookup(hostname, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}

/**
 * Posts a notice. The address is checked as the connection is made, so that a name which resolves
 * to another address since its registration leads nowhere. Redirects are not followed, and the
 * answer's body is not read.
 */
export function postNotice(url: URL, notice: SignedNotice, rules: TargetRules): Promise<number> {
  const literal = literalAddress(url);
  if (literal !== undefined && !mayConnect(literal, rules))
    return Promise.reject(new Error('the endpoint has an address that is not public'));
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? requestHttp : requestHttps)(url, {
      method: 'POST',
      headers: { ...notice.headers, 'content-length': Buffer.byteLength(notice.body) },
      // No pool: a connection that was checked once would be used for the next notice.
      agent: false,
      lookup: publicAddresses(rules),
      signal: AbortSignal.timeout(webhookLimits.answerMs),
    });
    request.on('response', (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end(notice.body);
  });
}

/** Resolves as the system does, but fails if any address of the name is not permitted. */
const publicAddresses =
  (rules: TargetRules): LookupFunction =>
  (hostname, options, callback) =>
    lookUpName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      if (addresses.length === 0 || !addresses.every(({ address }) => mayConnect(address, rules)))
        return callback(new Error('the endpoint has an address that is not public'), '', 0);
      if (options.all) return callback(null, addresses);
      return callback(null, addresses[0]!.address, addresses[0]!.family);
    });
