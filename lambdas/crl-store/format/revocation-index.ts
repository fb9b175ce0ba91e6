import type { CrlEntrySink } from '../../pki/x509/crl-stream.ts';
import { toHex } from '../../pki/x509/octets.ts';
import { entryOctets, entryOctetsOf, readEntry, writeEntry } from './page-codec.ts';
import { shardOf } from './page-layout.ts';
import { serialHash } from './serial-hash.ts';

/** 32 KiB blocks: with 512 shards, half a block unused in each is 8 MB. */
const blockOctets = 32 * 1024;

/**
 * Collects the entries of a streamed CRL in the encoding of pages, by shard: about 9 octets for an entry
 * with a 4-octet serial number. Blocks are never copied, and `take` releases a shard's memory.
 */
export class RevocationIndex implements CrlEntrySink {
  readonly seed: number;
  readonly shardBits: number;
  entries = 0;
  /** Octets of all entries in the encoding of pages. */
  encodedBytes = 0;
  private readonly open: Uint8Array[] = [];
  private readonly fill: Int32Array;
  private readonly counts: Int32Array;
  private readonly full: Uint8Array[][] = [];

  constructor(seed: number, shardBits: number) {
    this.seed = seed >>> 0;
    this.shardBits = shardBits;
    const shards = 2 ** shardBits;
    this.fill = new Int32Array(shards);
    this.counts = new Int32Array(shards);
    for (let shard = 0; shard < shards; shard++) {
      this.open.push(new Uint8Array(blockOctets));
      this.full.push([]);
    }
  }

  add(
    bytes: Uint8Array,
    serialStart: number,
    serialLength: number,
    seconds: number,
    reason: number,
  ): void {
    const hash = serialHash(bytes, serialStart, serialLength, this.seed);
    const shard = shardOf(hash, this.shardBits);
    const at = this.fill[shard]!;
    const end = writeEntry(
      this.open[shard]!,
      at,
      bytes,
      serialStart,
      serialLength,
      seconds,
      reason,
    );
    this.encodedBytes += end - at;
    this.entries++;
    this.counts[shard]!++;
    this.fill[shard] = end;
    if (end > blockOctets - entryOctets) this.closeBlock(shard);
  }

  private closeBlock(shard: number): void {
    this.full[shard]!.push(this.open[shard]!.subarray(0, this.fill[shard]));
    this.open[shard] = new Uint8Array(blockOctets);
    this.fill[shard] = 0;
  }

  entriesIn(shard: number): number {
    return this.counts[shard]!;
  }

  /** Removes and returns the shard's entries, in order, as blocks of whole entries. */
  take(shard: number): readonly Uint8Array[] {
    const blocks = this.full[shard]!;
    blocks.push(this.open[shard]!.subarray(0, this.fill[shard]));
    this.full[shard] = [];
    this.open[shard] = new Uint8Array(0);
    this.fill[shard] = 0;
    return blocks;
  }

  /** Every serial number, hex; only for delta CRLs, which are small. */
  serials(): ReadonlySet<string> {
    const serials = new Set<string>();
    for (const [shard, blocks] of this.full.entries()) {
      for (const block of [...blocks, this.open[shard]!.subarray(0, this.fill[shard])]) {
        for (let at = 0; at < block.length; at += entryOctetsOf(block[at]!)) {
          serials.add(toHex(readEntry(block, at).serial));
        }
      }
    }
    return serials;
  }
}
