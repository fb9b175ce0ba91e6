import { RetriedBatches } from '../retried-batches.ts';
import type { FilterStore } from '../../s3/filter-store.ts';
import { StoredListsReader, type CrlStoreTable } from './stored-lists-reader.ts';
import { StoredPageReader } from './stored-page-reader.ts';

export interface StoredListsOptions {
  /** Without them, every serial number needs a page read. */
  readonly filters?: FilterStore | undefined;
  readonly onFilterUnread?: ((cause: unknown) => void) | undefined;
  /** Pause in ms between two tries of a batch; that of `RetriedBatches` unless given. */
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
  readonly clock?: (() => number) | undefined;
}

/** The CRL store for reading, over a client that the caller configures. */
export const storedListsOver = (
  store: CrlStoreTable,
  { filters, onFilterUnread, pause, clock }: StoredListsOptions = {},
): StoredListsReader =>
  new StoredListsReader(
    store,
    new StoredPageReader(
      new RetriedBatches(store.client, store.table, pause),
      filters,
      onFilterUnread,
    ),
    clock,
  );
