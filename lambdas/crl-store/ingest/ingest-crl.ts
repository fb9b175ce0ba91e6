import { randomBytes, randomInt } from 'node:crypto';
import { MyKeyError } from '../../errors.ts';
import type { CrlSource } from '../../pki/trust-profile.ts';
import { CrlScanner, type ScannedCrl } from '../../pki/x509/crl-stream.ts';
import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
import { toHex } from '../../pki/x509/octets.ts';
import {
  acceptCrl,
  acceptHeader,
  anchorOf,
  type AcceptanceRules,
  type AcceptedCrl,
  openSignatures,
  scopeOf,
  type SignaturesByKey,
} from './accept-crl.ts';
import { comparisonsOf } from './comparison.ts';
import { buildShards, layoutOf } from '../format/build-pages.ts';
import type { ListWriter } from './list-writer.ts';
import { shardBitsFor } from '../format/page-layout.ts';
import { RevocationIndex } from '../format/revocation-index.ts';
import type { Layer, StoredGeneration } from '../lookup/stored-generation.ts';

export interface IngestProgress {
  readonly phase: 'reading' | 'writing';
  readonly bytes: number;
  readonly totalBytes: number;
  readonly entries: number;
  readonly pages: number;
}

export interface IngestContext {
  readonly rules: AcceptanceRules;
  readonly writer: ListWriter;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly maximumBytes?: number;
  readonly onProgress?: (progress: IngestProgress) => void;
}

export interface IngestedList {
  readonly outcome: 'switched' | 'unchanged';
  readonly source: CrlSource;
  /** The current generation after ingestion. */
  readonly generation: StoredGeneration;
}

/**
 * Reads and verifies a CRL, writes it as a new generation and makes that the current one. Lookups see no
 * change before the last step; after a crash, the unused pages expire. `sources` are the possible sources:
 * one for a download, all for a dropped file.
 *
 * Throws the code of the refusal (`crl-…`), or `dependency-unavailable`.
 */
export async function ingestCrl(
  chunks: AsyncIterable<Uint8Array>,
  sources: readonly CrlSource[],
  context: IngestContext,
): Promise<IngestedList> {
  const { list, accepted, index } = await readCrl(
    chunks,
    sources,
    context,
    await seedInService(sources, context),
  );
  const serving = await context.writer.serving(accepted);
  const isOld = serving && compareAge(accepted, serving);
  if (isOld === 'same') {
    return { outcome: 'unchanged', source: accepted.source, generation: serving! };
  }
  const written = { pages: 0 };
  const report = (pages: number): void => {
    written.pages += pages;
    progress(context, list.header.totalBytes, list, written.pages);
  };
  const layers =
    accepted.deltaBase === undefined
      ? [await writeLayer(index, accepted, context, report)]
      : await combineWithBase(index, accepted, serving, context, report);
  const generation = generationOf(accepted, layers, list, context.now);
  // A first list has none before it: everything on it would be new.
  if (serving !== undefined) {
    const comparisons = comparisonsOf(generation, serving);
    if (comparisons.length > 0)
      await context.writer.leaveComparisons(generation.generationId, comparisons);
  }
  if ((await context.writer.switchTo(generation)) === 'backwards') throw backwards();
  return { outcome: 'switched', source: accepted.source, generation };
}

/**
 * A list takes over the seed of the one that it replaces, so that both have a serial on pages of the
 * same place: a comparison then reads each page once. Undefined for a dropped file, whose source is
 * not known before it is read.
 */
async function seedInService(
  sources: readonly CrlSource[],
  { rules, writer }: IngestContext,
): Promise<number | undefined> {
  const [only] = sources;
  if (only === undefined || sources.length > 1) return undefined;
  const issuerKeyId = issuerKeyIdOf(anchorOf(only, rules).certificate);
  const serving = await writer.serving({ issuerKeyId, scope: scopeOf(only) });
  return serving?.layers.at(-1)?.layout.seed;
}

export interface ReadCrl {
  readonly list: ScannedCrl;
  readonly accepted: AcceptedCrl;
  readonly index: RevocationIndex;
}

/** Scans, packs and verifies a CRL in one pass, without writing it. */
export async function readCrl(
  chunks: AsyncIterable<Uint8Array>,
  sources: readonly CrlSource[],
  context: Omit<IngestContext, 'writer'>,
  seed: number = randomInt(2 ** 32),
): Promise<ReadCrl> {
  let index: RevocationIndex | undefined;
  let signatures: SignaturesByKey | undefined;
  let named: readonly CrlSource[] = [];
  let totalBytes = 0;
  const scanner = new CrlScanner((header) => {
    named = acceptHeader(header, sources, context.rules, context.now);
    signatures = openSignatures(header.signatureAlgorithm, named, context.rules);
    const digests = [...signatures.values()].map(({ signature }) => signature);
    totalBytes = header.totalBytes;
    index = new RevocationIndex(seed, shardBitsFor(header.entriesBytes));
    return {
      entries: index,
      tbs: { update: (bytes) => digests.forEach((digest) => digest.update(bytes)) },
    };
  }, context.maximumBytes);
  for await (const chunk of chunks) {
    scanner.push(chunk);
    context.onProgress?.({
      phase: 'reading',
      bytes: scanner.position,
      totalBytes,
      entries: scanner.entries,
      pages: 0,
    });
  }
  const list = scanner.finish();
  return { list, accepted: acceptCrl(list, signatures!, named, context.rules), index: index! };
}

/** RFC 5280 §5.2.3: a later CRL of a scope has a higher number. Throws `crl-number-backwards`. */
function compareAge(accepted: AcceptedCrl, serving: StoredGeneration): 'same' | 'newer' {
  const number = BigInt(serving.crlNumber);
  if (accepted.crlNumber === number && accepted.thisUpdate === serving.thisUpdate) return 'same';
  if (accepted.crlNumber <= number || accepted.thisUpdate < serving.thisUpdate) throw backwards();
  return 'newer';
}

/**
 * RFC 5280 §5.2.4: a delta CRL can be combined with a complete CRL whose number is at least its
 * BaseCRLNumber: the stored complete CRL, or that CRL combined with an earlier delta CRL. In the second
 * case both delta CRLs are merged, and entries of the newer one replace those of the earlier one. Throws
 * `crl-base-missing`.
 */
async function combineWithBase(
  index: RevocationIndex,
  accepted: AcceptedCrl,
  serving: StoredGeneration | undefined,
  context: IngestContext,
  report: (pages: number) => void,
): Promise<readonly Layer[]> {
  const complete = serving?.layers.at(-1);
  const needed = accepted.deltaBase!;
  if (
    !serving ||
    !complete ||
    BigInt(serving.crlNumber) < needed ||
    !isOfScope(accepted, serving)
  ) {
    throw new MyKeyError(
      'crl-base-missing',
      'no stored complete CRL has the base of this delta CRL',
    );
  }
  const earlier = serving.layers.length > 1 ? serving.layers[0] : undefined;
  if (earlier && BigInt(complete.crlNumber) < needed) {
    await addMissingEntries(index, context.writer.entriesOf(earlier));
  }
  return [await writeLayer(index, accepted, context, report), complete];
}

/** §5.2.4: a delta CRL requires the same scope; a complete CRL without the recorded flag does not match. */
const isOfScope = (delta: AcceptedCrl, complete: StoredGeneration): boolean =>
  delta.onlyUserCertificates === complete.onlyUserCertificates;

async function addMissingEntries(
  index: RevocationIndex,
  earlier: ReturnType<ListWriter['entriesOf']>,
): Promise<void> {
  const named = index.serials();
  for await (const { serial, seconds, reason } of earlier) {
    if (!named.has(toHex(serial))) index.add(serial, 0, serial.length, seconds, reason);
  }
}

function writeLayer(
  index: RevocationIndex,
  accepted: AcceptedCrl,
  context: IngestContext,
  report: (pages: number) => void,
): Promise<Layer> {
  const layout = layoutOf(index);
  return context.writer.writeLayer(
    {
      id: randomBytes(12).toString('base64url'),
      layout,
      entries: index.entries,
      crlNumber: accepted.crlNumber.toString(),
      nextUpdate: accepted.nextUpdate,
    },
    buildShards(index, layout),
    report,
  );
}

function generationOf(
  accepted: AcceptedCrl,
  layers: readonly Layer[],
  list: ScannedCrl,
  now: number,
): StoredGeneration {
  return {
    issuerKeyId: accepted.issuerKeyId,
    scope: accepted.scope,
    sourceId: accepted.source.id,
    generationId: layers[0]!.id,
    crlNumber: accepted.crlNumber.toString(),
    thisUpdate: accepted.thisUpdate,
    // A delta CRL can be used until nextUpdate of its complete CRL at most.
    nextUpdate: Math.min(accepted.nextUpdate, ...layers.map(({ nextUpdate }) => nextUpdate)),
    // With a delta CRL: the sum over both layers; a serial number on both counts twice.
    entries: layers.reduce((sum, { entries }) => sum + entries, 0),
    bytes: list.header.totalBytes,
    ingestedAt: now,
    onlyUserCertificates: accepted.onlyUserCertificates,
    layers,
  };
}

const progress = (
  context: IngestContext,
  totalBytes: number,
  list: ScannedCrl,
  pages: number,
): void =>
  context.onProgress?.({
    phase: 'writing',
    bytes: totalBytes,
    totalBytes,
    entries: list.entries,
    pages,
  });

const backwards = (): MyKeyError =>
  new MyKeyError('crl-number-backwards', 'the current CRL is as new or newer');
