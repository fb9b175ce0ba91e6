import type { PageLayout } from '../format/page-layout.ts';
import type { Generation } from './stored-lists.ts';

/** One complete set of pages, immutable once a pointer names it. */
export interface Layer {
  /** Key of its pages and of its filter. */
  readonly id: string;
  readonly layout: PageLayout;
  readonly entries: number;
  /** SHA-256 of the filter as stored, hex: a damaged filter would hide entries. */
  readonly filterDigest: string;
  /** Decimal CRLNumber of the list whose entries these are. */
  readonly crlNumber: string;
  /** Milliseconds since 1970. */
  readonly nextUpdate: number;
}

/**
 * A generation as its pointer has it. The complete list is the last layer; a delta list lies before
 * it, and what it says about a serial comes first.
 */
export interface StoredGeneration extends Generation {
  readonly layers: readonly Layer[];
}

export const isStoredGeneration = (generation: Generation): generation is StoredGeneration =>
  'layers' in generation;
