import { createHash } from 'node:crypto';
import { MyKeyError } from '../../../../errors.ts';
import { decodeFilter, type FilterShard } from '../../../../crl-store/format/membership-filter.ts';
import type { PageReader } from '../../../../crl-store/lookup/lookup-serials.ts';
import type { Layer } from '../../../../crl-store/lookup/stored-generation.ts';
import type { FilterStore } from '../../s3/filter-store.ts';
import type { RetriedBatches } from '../retried-batches.ts';
import { readsPerBatch } from '../retried-batches.ts';
import { pageKey } from './item-layout.ts';
import { adapterLimits } from '../../limits.ts';

/** Pages and filters are immutable under their layer's id, so they are cached without expiry. */
export class StoredPageReader implements PageReader {
  private readonly batches: RetriedBatches;
  private readonly filters: FilterStore | undefined;
  private readonly onFilterUnread: (cause: unknown) => void;
  private readonly pages = new Map<string, Uint8Array>();
  private readonly loaded = new Map<string, Promise<readonly FilterShard[] | undefined>>();

  /**
   * @param onFilterUnread called with the error when a filter could not be read: answers then need
   *   more reads
   */
  constructor(
    batches: RetriedBatches,
    filters?: FilterStore,
    onFilterUnread: (cause: unknown) => void = () => {},
  ) {
    this.batches = batches;
    this.filters = filters;
    this.onFilterUnread = onFilterUnread;
  }

  async readPages(
    layer: Layer,
    pages: readonly number[],
    part: number,
  ): Promise<readonly Uint8Array[]> {
    const found = new Map<string, Uint8Array>();
    const missing: string[] = [];
    const keyOf = new Map<string, number>();
    for (const page of pages) {
      const key = pageKey(layer.id, page, part)['pk']!.S!;
      const kept = this.pages.get(`${key}/${part}`);
      if (kept) found.set(key, kept);
      else missing.push(key);
      keyOf.set(key, page);
    }
    await this.read(missing, part, found, false);
    // A recently written page may be missing from an eventually consistent read: repeat with
    // ConsistentRead.
    const late = missing.filter((key) => !found.has(key));
    await this.read(late, part, found, true);
    return pages.map((page) => {
      const bytes = found.get(pageKey(layer.id, page, part)['pk']!.S!);
      // A layer stores every page, even empty ones. A missing page is an error, never "not
      // revoked".
      if (!bytes) throw new MyKeyError('dependency-unavailable', 'a revocation page is missing');
      return bytes;
    });
  }

  filterOf(layer: Layer, serials: number): Promise<readonly FilterShard[] | undefined> {
    const known = this.loaded.get(layer.id);
    if (known || serials < adapterLimits.filterWorthwhileSerials || !this.filters)
      return known ?? Promise.resolve(known);
    const loading = this.loadFilter(layer).catch((cause: unknown) => {
      // Answers without the filter are the same but need more reads; the next call tries again to
      // load it.
      this.onFilterUnread(cause);
      this.loaded.delete(layer.id);
      return undefined;
    });
    this.loaded.set(layer.id, loading);
    if (this.loaded.size > adapterLimits.cachedFilters)
      this.loaded.delete(this.loaded.keys().next().value!);
    return loading;
  }

  private async loadFilter(layer: Layer): Promise<readonly FilterShard[]> {
    const bytes = await this.filters!.get(layer.id);
    if (createHash('sha256').update(bytes).digest('hex') !== layer.filterDigest) {
      throw new MyKeyError('dependency-unavailable', 'the membership filter is damaged');
    }
    return decodeFilter(bytes);
  }

  private async read(
    keys: readonly string[],
    part: number,
    found: Map<string, Uint8Array>,
    consistent: boolean,
  ): Promise<void> {
    const batches: string[][] = [];
    for (let i = 0; i < keys.length; i += readsPerBatch)
      batches.push(keys.slice(i, i + readsPerBatch));
    const worker = async (): Promise<void> => {
      for (let batch = batches.pop(); batch; batch = batches.pop()) {
        const sk = { S: String(part) };
        const items = await this.batches.get(
          batch.map((key) => ({ pk: { S: key }, sk })),
          consistent,
        );
        for (const item of items) {
          const key = item['pk']!.S!;
          const bytes = item['page']!.B!;
          found.set(key, bytes);
          this.keep(`${key}/${part}`, bytes);
        }
      }
    };
    await Promise.all(
      Array.from({ length: Math.min(adapterLimits.concurrentPageReads, batches.length) }, worker),
    );
  }

  private keep(key: string, bytes: Uint8Array): void {
    this.pages.set(key, bytes);
    if (this.pages.size > adapterLimits.cachedPages)
      this.pages.delete(this.pages.keys().next().value!);
  }
}
