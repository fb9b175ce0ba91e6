import type { DerReader } from './der.ts';
import { type Extension, extensionId } from './extensions.ts';

/** Extensions that certificates of one CA have in common; none of them contains personal data. */
const common: ReadonlySet<string> = new Set([
  extensionId.keyUsage,
  extensionId.extendedKeyUsage,
  extensionId.basicConstraints,
  extensionId.certificatePolicies,
  extensionId.crlDistributionPoints,
  extensionId.authorityKeyIdentifier,
  extensionId.authorityInfoAccess,
]);

/** An extension in JPKI takes less than 200 octets. With 64 positions, at most 32 KiB are kept. */
const longest = 512;

interface Kept {
  /** The whole Extension, DER: a copy. */
  readonly der: Uint8Array;
  readonly extension: Extension;
}

/**
 * The common extensions of certificates that were read last, by position. Equal octets have one meaning, so
 * an extension that is repeated is neither parsed nor decoded again.
 */
export class RepeatedExtensions {
  private readonly byPosition: (Kept | undefined)[] = [];

  /** The extension whose octets are next in `list`; the cursor moves behind them. */
  take(list: DerReader, position: number): Extension | undefined {
    const kept = this.byPosition[position];
    if (kept === undefined) return undefined;
    return list.skips(kept.der) ? kept.extension : undefined;
  }

  /** `start` and `end`: its place in `bytes`. Returns the extension that stands for these octets from now on. */
  keep(
    read: Extension,
    bytes: Uint8Array,
    start: number,
    end: number,
    position: number,
  ): Extension {
    const { id, critical, value } = read;
    if (!common.has(id) || end - start > longest) return read;
    // A copy: a view would keep the whole certificate in memory. extnValue is the last field.
    const der = new Uint8Array(bytes.subarray(start, end));
    const extension = {
      id,
      critical,
      value: der.subarray(der.length - value.length),
      decoded: undefined,
    };
    while (this.byPosition.length < position) this.byPosition.push(undefined);
    this.byPosition[position] = { der, extension };
    return extension;
  }
}
