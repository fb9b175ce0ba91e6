import { AsnConvert } from '@peculiar/asn1-schema';
import { CRLNumber, IssuingDistributionPoint } from '@peculiar/asn1-x509';
import { Extension, Name, X509CrlGenerator } from './x509-library.ts';
import { buildCrl, crlExtensions, type CrlEntryTemplate } from '../pki/build-crl.ts';
import type { Authority } from './authority.ts';
import { validAt } from './generations.ts';
import {
  authorityKeyIdentifier,
  directoryPointName,
  hexOfSerial,
  signingKeyOf,
} from './issue-certificate.ts';
import { listName, listPoint, municipalities, type Municipality } from './municipalities.ts';
import { reasonNumbers, type Registry } from './registry.ts';
import { syntheticEntries } from './synthetic-revocations.ts';

/** Time from thisUpdate to nextUpdate: two days, so that one missed night does not stop answers. */
export const listLifetime = 48 * 60 * 60 * 1000;

/** `full`, or a municipality's code. */
export type ListLabel = string;

/** Every list of one publication by `anchorId/label`, DER. */
export type Publication = ReadonlyMap<string, Buffer>;

/**
 * All CRLs at a given time, with one CRLNumber: for each authority a full CRL without IDP, and for
 * each municipality one whose critical IDP contains the directoryName of its certificates.
 *
 * @param thisUpdate milliseconds since 1970
 */
export async function publishCrls(
  registry: Registry,
  authorities: readonly Authority[],
  thisUpdate: number,
): Promise<Publication> {
  registry.publication += 1;
  const { publication } = registry;
  const serving = authorities.filter((each) => validAt(each.generation, thisUpdate));
  const lists = serving.flatMap((authority) =>
    [undefined, ...municipalities].map(async (municipality) => {
      const content = contentOf(registry, authority, thisUpdate, municipality);
      const der = await issueList({ ...content, publication });
      return [`${authority.id}/${municipality?.code ?? 'full'}`, der] as const;
    }),
  );
  return new Map(await Promise.all(lists));
}

interface ListContent {
  readonly authority: Authority;
  readonly thisUpdate: number;
  readonly municipality: Municipality | undefined;
  readonly entries: readonly (CrlEntryTemplate & { readonly serial: number })[];
  /** Entries of certificates that no card holds, concatenated DER. */
  readonly syntheticEntries: Buffer;
}

/** Copied immediately: revocations made while the CRL is signed appear on the next. */
function contentOf(
  registry: Registry,
  authority: Authority,
  thisUpdate: number,
  municipality: Municipality | undefined,
): ListContent {
  const covered = (item: { anchorId: string; municipality: string }): boolean =>
    item.anchorId === authority.id && (!municipality || item.municipality === municipality.code);
  return {
    authority,
    thisUpdate,
    municipality,
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
    syntheticEntries: Buffer.concat(registry.synthetic.filter(covered).map(syntheticEntries)),
  };
}

type NumberedList = ListContent & { readonly publication: number };

const issueList = (list: NumberedList): Promise<Buffer> | Buffer =>
  list.syntheticEntries.length > 0 ? writeLongList(list) : issueOrdinaryList(list);

async function issueOrdinaryList(list: NumberedList): Promise<Buffer> {
  const { authority, municipality } = list;
  const { key, algorithm } = signingKeyOf(authority.signer);
  const crl = await X509CrlGenerator.create({
    issuer: new Name(authority.name),
    thisUpdate: new Date(list.thisUpdate),
    nextUpdate: new Date(list.thisUpdate + listLifetime),
    entries: list.entries.map(({ serial, revokedAt, reason }) => ({
      serialNumber: hexOfSerial(serial),
      revocationDate: revokedAt,
      ...(reason !== undefined && { reason }),
    })),
    extensions: [
      await authorityKeyIdentifier(authority.spki),
      new Extension('2.5.29.20', false, AsnConvert.serialize(new CRLNumber(list.publication))),
      ...(municipality
        ? [
            new Extension(
              '2.5.29.28',
              true,
              AsnConvert.serialize(
                new IssuingDistributionPoint({
                  distributionPoint: directoryPointName(listName(authority.kind, municipality)),
                }),
              ),
            ),
          ]
        : []),
    ],
    signingKey: key,
    signingAlgorithm: algorithm,
  });
  return Buffer.from(crl.rawData);
}

/**
 * Uses the project's own DER writer: an object per entry would take minutes for millions of
 * entries.
 */
const writeLongList = (list: NumberedList): Buffer =>
  buildCrl(
    {
      issuer: list.authority.name,
      thisUpdate: new Date(list.thisUpdate),
      nextUpdate: new Date(list.thisUpdate + listLifetime),
      entries: list.entries,
      entriesDer: list.syntheticEntries,
      extensions: [
        crlExtensions.authorityKeyIdentifier(list.authority.spki),
        crlExtensions.crlNumber(list.publication),
        ...(list.municipality
          ? [
              crlExtensions.issuingDistributionPoint({
                distributionPoint: listPoint(list.authority.kind, list.municipality),
              }),
            ]
          : []),
      ],
    },
    list.authority.signer,
  );
