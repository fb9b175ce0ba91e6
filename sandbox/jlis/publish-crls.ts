import { buildCrl, crlExtensions } from '../pki/build-crl.ts';
import type { Authority } from './authority.ts';
import { validAt } from './generations.ts';
import { listPoint, municipalities, type Municipality } from './municipalities.ts';
import { reasonNumbers, type Registry } from './registry.ts';
import { syntheticEntries } from './synthetic-revocations.ts';

/** How long a list claims to be good: two days, so that one missed night does not stop answers. */
export const listLifetime = 48 * 60 * 60 * 1000;

/** `full`, or a municipality's code. */
export type ListLabel = string;

/** Every list of one publication by `anchorId/label`, DER. */
export type Publication = ReadonlyMap<string, Buffer>;

/**
 * All lists as of an instant, under one CRLNumber: a full list per authority without a scope, and one
 * per municipality whose critical IDP names the directoryName that its certificates carry.
 *
 * @param thisUpdate milliseconds since 1970
 */
export function publishCrls(
  registry: Registry,
  authorities: readonly Authority[],
  thisUpdate: number,
): Publication {
  registry.publication += 1;
  const lists = new Map<string, Buffer>();
  for (const authority of authorities.filter((each) => validAt(each.generation, thisUpdate))) {
    lists.set(`${authority.id}/full`, list(registry, authority, thisUpdate));
    for (const municipality of municipalities) {
      const der = list(registry, authority, thisUpdate, municipality);
      lists.set(`${authority.id}/${municipality.code}`, der);
    }
  }
  return lists;
}

function list(
  registry: Registry,
  authority: Authority,
  thisUpdate: number,
  municipality?: Municipality,
): Buffer {
  const covered = (item: { anchorId: string; municipality: string }): boolean =>
    item.anchorId === authority.id && (!municipality || item.municipality === municipality.code);
  return buildCrl(
    {
      issuer: authority.name,
      thisUpdate: new Date(thisUpdate),
      nextUpdate: new Date(thisUpdate + listLifetime),
      entries: registry.certificates.filter(covered).flatMap(({ serial, revocation }) =>
        revocation && revocation.at <= thisUpdate
          ? [
              {
                serial,
                revokedAt: new Date(revocation.at),
                // RFC 5280 §5.3.1: absent "instead of using the unspecified (0) reasonCode value".
                ...(revocation.reason !== 'unspecified' && {
                  reason: reasonNumbers[revocation.reason],
                }),
              },
            ]
          : [],
      ),
      entriesDer: Buffer.concat(registry.synthetic.filter(covered).map(syntheticEntries)),
      extensions: [
        crlExtensions.authorityKeyIdentifier(authority.spki),
        crlExtensions.crlNumber(registry.publication),
        ...(municipality
          ? [
              crlExtensions.issuingDistributionPoint({
                distributionPoint: listPoint(authority.kind, municipality),
              }),
            ]
          : []),
      ],
    },
    authority.signer,
  );
}
