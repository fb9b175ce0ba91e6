/** AlgorithmIdentifier (RFC 5280 §4.1.1.2). */
export interface AlgorithmIdentifier {
  /** Dotted decimal. */
  readonly algorithm: string;
  /** DER of the parameters, a view; undefined when absent. */
  readonly parameters: Uint8Array | undefined;
  /** The whole AlgorithmIdentifier, for comparison octet by octet. */
  readonly der: Uint8Array;
}
