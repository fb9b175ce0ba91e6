import { MyKeyError } from '../../../errors.ts';
import type { DownloadLimits } from './counted.ts';
import { httpDownload } from './http-download.ts';
import { ldapDownload } from './ldap-download.ts';
import { s3Download, type ObjectReader } from './s3-download.ts';

/**
 * A list of 100 million entries is 3.7 GB. Ten minutes for the download leave five of Lambda's
 * fifteen for ingestion.
 */
export const defaultLimits: DownloadLimits = {
  totalMs: 10 * 60_000,
  maximumBytes: 4 * 1024 ** 3,
};

/**
 * Opens a CRL by a URL of the trust profile: http:, https:, s3:, ldap: or ldaps:. Every scheme
 * checks that the announced number of octets arrived. Throws `crl-download-failed` or
 * `crl-too-large`, immediately or while chunks are read.
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
      throw new MyKeyError('crl-download-failed', `unsupported URL scheme:  ${protocol}`);
  }
}
