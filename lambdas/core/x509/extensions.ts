/** One extension as it stands (RFC 5280 §4.2): the value is decoded when a check asks for it. */
export interface Extension {
  /** Dotted decimal. */
  readonly id: string;
  readonly critical: boolean;
  /** Content of the extnValue OCTET STRING, a view. */
  readonly value: Uint8Array;
}
