import type { PageLayout } from '../format/page-layout.ts';
import type { Generation } from './stored-lists.ts';

/** The pages of one CRL, immutable once a generation refers to it. */
export interface Layer {
  /** Key of its pages and filter. */
  readonly id: string;
  readonly layout: PageLayout;
  readonly entries: number;
  /** SHA-256 of the filter as stored, hex: a damaged filter would hide entries. */
  readonly filterDigest: string;
  /** CRLNumber of the CRL, decimal. */
  readonly crlNumber: string;
  /** Milliseconds since 1970. */
  readonly nextUpdate: number;
}

/**
 * A generation with its layers. The complete CRL is the last layer; a delta CRL is the layer before it, and
 * its entries take precedence (RFC 5280 §5.2.4).
 */
export interface StoredGeneration extends Generation {
  readonly layers: readonly Layer[];
}

export const isStoredGeneration = (generation: Generation): generation is StoredGeneration =>
  'layers' in generation;
