import type { Authority } from './authority.ts';
import { validAt } from './generations.ts';
import { clientAuthentication, policyOf } from './leaf-certificate.ts';
import { listPoint, municipalities } from './municipalities.ts';

/**
 * The sandbox's trust profile as JSON: every generation is an anchor; responders and CRLs are
 * listed for those still valid.
 *
 * @param url base URL of this J-LIS
 * @param now milliseconds since 1970
 */
export function trustProfileJson(
  authorities: readonly Authority[],
  url: string,
  now: number,
): Record<string, unknown> {
  const serving = authorities.filter(({ generation }) => validAt(generation, now));
  return {
    name: 'sandbox',
    anchors: authorities.map(({ id, kind, certificate }) => ({
      id,
      kind,
      certificate: certificate.toString('base64'),
    })),
    kinds: {
      'user-authentication': {
        policies: [policyOf['user-authentication']],
        keyUsage: ['digitalSignature'],
        extendedKeyUsage: clientAuthentication,
      },
      'digital-signature': {
        policies: [policyOf['digital-signature']],
        keyUsage: ['digitalSignature', 'nonRepudiation'],
      },
    },
    algorithms: {
      minimumRsaBits: 2048,
      curves: ['P-256', 'P-384'],
      hashes: ['SHA-256', 'SHA-384', 'SHA-512'],
    },
    clockSkewMs: 60_000,
    crlMaxAgeMs: 48 * 60 * 60 * 1000,
    ocspMaxAgeMs: 10 * 60 * 1000,
    ocspResponders: serving.map(({ id }) => ({ anchorId: id, url: `${url}/ocsp/${id}` })),
    crlSources: serving.flatMap((authority) => [
      {
        id: `${authority.id}/full`,
        anchorId: authority.id,
        url: `${url}/crl/${authority.id}/full.crl`,
      },
      ...municipalities.map((municipality) => ({
        id: `${authority.id}/${municipality.code}`,
        anchorId: authority.id,
        url: `${url}/crl/${authority.id}/${municipality.code}.crl`,
        distributionPoint: listPoint(authority.kind, municipality).toString('base64'),
      })),
    ]),
    linkageUrl: `${url}/linkage`,
  };
}
