/** A Name (RFC 5280 §4.1.2.4): its DER; compared by §7.1 through the functions beside it. */
export interface DistinguishedName {
  /** The whole Name, a view. */
  readonly der: Uint8Array;
}
