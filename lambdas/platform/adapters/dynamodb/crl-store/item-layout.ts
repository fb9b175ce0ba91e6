import type { IngestAttempt } from '../../../../crl-store/ingest/list-writer.ts';
import type { StoredGeneration } from '../../../../crl-store/lookup/stored-generation.ts';
import type { ListScope } from '../../../../crl-store/lookup/stored-lists.ts';
import type { Item } from '../retried-batches.ts';

/**
 * The revocation table:
 *
 *     pk            sk                    holds
 *     list          <issuerKeyId>#<scope> the pointer: which generation serves
 *     attempt       <sourceId>            the last attempt to load a source
 *     <layer>#<n>   <part>                page n of a layer; part 0 always exists
 *
 * Every page has a partition of its own, so that neither writing nor reading a list meets the limit
 * of one partition (1,000 write and 3,000 read units a second).
 */
export const pointerKey = ({ issuerKeyId, scope }: ListScope): Item => ({
  pk: { S: 'list' },
  sk: { S: `${issuerKeyId}#${scope}` },
});

export const attemptKey = (sourceId: string): Item => ({
  pk: { S: 'attempt' },
  sk: { S: sourceId },
});

export const pageKey = (layerId: string, page: number, part: number): Item => ({
  pk: { S: `${layerId}#${page.toString(36)}` },
  sk: { S: String(part) },
});

export const pageItem = (
  layerId: string,
  page: number,
  part: number,
  bytes: Uint8Array,
  expiresAt: number,
): Item => ({
  ...pageKey(layerId, page, part),
  page: { B: bytes },
  expiresAt: { N: String(expiresAt) },
});

/**
 * Encodes a CRLNumber (at most 20 octets, RFC 5280 §5.2.3) as text that sorts numerically, for use
 * in conditions: DynamoDB numbers have at most 38 digits.
 */
export const sortableNumber = (crlNumber: string): string =>
  BigInt(crlNumber).toString(16).padStart(40, '0');

export const pointerItem = (generation: StoredGeneration): Item => ({
  ...pointerKey(generation),
  generation: { S: JSON.stringify(generation) },
  crlNumber: { S: sortableNumber(generation.crlNumber) },
  thisUpdate: { N: String(generation.thisUpdate) },
});

export const generationOf = (item: Item): StoredGeneration =>
  JSON.parse(item['generation']!.S!) as StoredGeneration;

export const attemptItem = (attempt: IngestAttempt): Item => ({
  ...attemptKey(attempt.sourceId),
  attempt: { S: JSON.stringify(attempt) },
});

export const attemptOf = (item: Item): IngestAttempt =>
  JSON.parse(item['attempt']!.S!) as IngestAttempt;
