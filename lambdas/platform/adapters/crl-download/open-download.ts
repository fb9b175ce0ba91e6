import { MyKeyError } from '../../../errors.ts';
import type { DownloadLimits } from './counted.ts';
import { httpDownload } from './http-download.ts';
import { ldapDownload } from './ldap-download.ts';
import { s3Download, type ObjectReader } from './s3-download.ts';

/** 100 million entries take 3.7 GB; ten minutes leave five of a Lambda's fifteen for the rest. */
export const defaultLimits: DownloadLimits = {
  totalMs: 10 * 60_000,
  maximumBytes: 4 * 1024 ** 3,
};

/**
 * Opens a list by its URL: http:, https:, s3: or ldap(s):. The URL comes from the trust profile. Every
 * way checks that it got as many bytes as were announced. Throws `crl-download-failed` or
 * `crl-too-large`, at once or while the chunks are read.
 */
export function openDownload(
  url: string,
  objects: ObjectReader,
  limits: DownloadLimits = defaultLimits,
): AsyncIterable<Uint8Array> {
  const { protocol } = new URL(url);
  switch (protocol) {
    case 'http:':
    case 'https:':
      return httpDownload(url, limits);
    case 's3:':
      return s3Download(url, objects, limits);
    case 'ldap:':
    case 'ldaps:':
      return ldapDownload(url, limits);
    default:
      throw new MyKeyError('crl-download-failed', `no way to fetch from ${protocol}`);
  }
}
