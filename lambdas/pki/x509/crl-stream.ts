import { engineLimits } from '../limits.ts';
import { readCrlEntry, secondsOfUtcTime } from './crl-entry.ts';
import { readCrlExtensions, readCrlHeader, type CrlExtensions, type CrlHeader } from './crl.ts';
import { DerError, DerReader, tag } from './der.ts';

/** The fields before the entries, and the sizes of list and entries. */
export interface ScannedHeader extends CrlHeader {
  /** Octets of the whole CRL by its outer length field. */
  readonly totalBytes: number;
  /** Octets of revokedCertificates; bounds the number of entries before they are read. */
  readonly entriesBytes: number;
}

/** The result of a scan: header, extensions, signature, and counts of entries. */
export interface ScannedCrl {
  readonly header: ScannedHeader;
  readonly extensions: CrlExtensions;
  readonly signature: Uint8Array;
  readonly entries: number;
  /** Entries with reason removeFromCRL, which only a delta CRL may have (RFC 5280 §5.3.1). */
  readonly removals: number;
}

/**
 * Receives the entries in order, one per call. `bytes` is valid during the call only. `seconds` counts from
 * 1970 (negative before), `reason` is a CRLReason number (0 if absent).
 */
export interface CrlEntrySink {
  add(
    bytes: Uint8Array,
    serialStart: number,
    serialLength: number,
    seconds: number,
    reason: number,
  ): void;
}

/** Receivers of the entries and of the signed octets; created when the header is known. */
export interface CrlScanTargets {
  readonly entries: CrlEntrySink;
  readonly tbs: { update(bytes: Uint8Array): unknown };
}

/** Octets of the longest entry including tag and length (`30 82 10 00`). */
const longestEntry = engineLimits.streamedEntryOctets + 4;

const malformed = (message: string): DerError => new DerError(message, 'crl-malformed');

/**
 * Parses a CRL of any size in one pass over its chunks, in strict DER (X.690 §10). It buffers only the
 * header, the trailer and one entry. The result is untrusted until the caller has verified the signature
 * over the octets passed to `tbs`. Throws `crl-malformed`, `crl-extension-unsupported`, `crl-too-large`.
 */
export class CrlScanner {
  /** Octets received so far. */
  position = 0;
  entries = 0;
  private removals = 0;
  private readonly open: (header: ScannedHeader) => CrlScanTargets;
  private readonly maximumBytes: number;
  private readonly pending = new CarriedOctets();
  private header: ScannedHeader | undefined;
  private targets: CrlScanTargets | undefined;
  private tbsStart = 0;
  private tbsEnd = 0;
  private entriesEnd = 0;

  constructor(
    open: (header: ScannedHeader) => CrlScanTargets,
    maximumBytes: number = engineLimits.streamedCrlOctets,
  ) {
    this.open = open;
    this.maximumBytes = maximumBytes;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (!this.header) {
      this.pending.append(chunk);
      this.position += chunk.length;
      this.readHeader();
      return;
    }
    const before = this.position;
    this.position += chunk.length;
    if (this.position > this.header.totalBytes) throw malformed('data after the end of the CRL');
    this.digest(chunk, before);
    this.consume(chunk, before);
  }

  /** Call when the source has ended. */
  finish(): ScannedCrl {
    const { header } = this;
    if (!header || this.position !== header.totalBytes) throw malformed('the CRL is truncated');
    const tbsLeft = this.tbsEnd - this.entriesEnd;
    const octets = this.pending.take();
    const tbs = new DerReader(octets, 0, tbsLeft);
    const trailer = new DerReader(octets, tbsLeft);
    return asCrl(() => {
      const extensions = readCrlExtensions(tbs, header.version);
      // RFC 5280 §5.1.1.2: signatureAlgorithm equals the signature field of the TBSCertList.
      if (Buffer.compare(trailer.element(tag.sequence), header.signatureAlgorithm.der) !== 0) {
        throw malformed('signature algorithms differ');
      }
      const signature = trailer.octetAlignedBits();
      trailer.finish();
      return { header, extensions, signature, entries: this.entries, removals: this.removals };
    });
  }

  /** Reads the header from `pending`, and what follows it; does nothing when more octets are needed. */
  private readHeader(): void {
    const arrived = this.pending.octets;
    // The header limit must not depend on the size of the chunk.
    const bytes = arrived.subarray(0, engineLimits.streamedHeaderOctets);
    const outer = lengthAt(bytes, 0, tag.sequence);
    if (!outer) return;
    const totalBytes = outer.content + outer.length;
    if (totalBytes > this.maximumBytes) {
      throw new DerError('the CRL is larger than its limit', 'crl-too-large');
    }
    if (this.position > totalBytes) throw malformed('data after the end of the CRL');
    if (bytes.length < Math.min(totalBytes, engineLimits.streamedHeaderOctets)) return;
    const tbs = lengthAt(bytes, outer.content, tag.sequence);
    if (!tbs) throw malformed('the CRL is truncated');
    this.tbsStart = outer.content;
    this.tbsEnd = tbs.content + tbs.length;
    if (this.tbsEnd > totalBytes) throw malformed('the TBSCertList is longer than the CRL');
    // The reader must exceed neither the TBSCertList nor the octets received so far.
    const fields = new DerReader(bytes, tbs.content, Math.min(bytes.length, this.tbsEnd));
    const read = asCrl(() => readCrlHeader(fields));
    const hasEntries = fields.peek() === tag.sequence;
    const entries = hasEntries ? lengthAt(bytes, fields.offset, tag.sequence) : undefined;
    if (hasEntries && !entries) throw malformed('the fields before the entries are too long');
    const entriesStart = entries ? entries.content : fields.offset;
    this.entriesEnd = entriesStart + (entries?.length ?? 0);
    if (this.entriesEnd > this.tbsEnd)
      throw malformed('the entries are longer than the TBSCertList');
    if (totalBytes - this.entriesEnd > engineLimits.streamedTrailerOctets) {
      throw new DerError('the fields after the entries are too long', 'crl-too-large');
    }
    this.header = { ...read, totalBytes, entriesBytes: entries?.length ?? 0 };
    this.targets = this.open(this.header);
    this.digest(arrived, 0);
    this.consume(this.pending.take().subarray(entriesStart), entriesStart);
  }

  /** Passes the part of the chunk that the signature covers to `tbs`. */
  private digest(chunk: Uint8Array, at: number): void {
    const from = Math.max(0, this.tbsStart - at);
    const to = Math.min(chunk.length, this.tbsEnd - at);
    if (from < to) this.targets!.tbs.update(chunk.subarray(from, to));
  }

  /** Reads the entries of the chunk, which begins at offset `at` of the CRL; keeps the trailer in `pending`. */
  private consume(chunk: Uint8Array, at: number): void {
    const entriesIn = Math.min(chunk.length, this.entriesEnd - at);
    let offset = 0;
    if (entriesIn > 0) {
      if (this.pending.length > 0) offset = this.stitch(chunk, entriesIn);
      if (offset >= 0) {
        offset = this.scan(chunk, offset, entriesIn, entriesIn);
        this.pending.append(chunk.subarray(offset, entriesIn));
      }
      if (at + chunk.length < this.entriesEnd) return;
      if (this.pending.length > 0) throw malformed('the last entry is truncated');
      offset = entriesIn;
    }
    this.pending.append(chunk.subarray(offset));
  }

  /**
   * Reads the entry that began in an earlier chunk. Returns the offset of the next entry in `chunk`, or -1
   * if this chunk does not complete the entry either; `pending` then includes the chunk.
   */
  private stitch(chunk: Uint8Array, entriesIn: number): number {
    const carried = this.pending.length;
    this.pending.append(chunk.subarray(0, Math.min(entriesIn, longestEntry)));
    const seam = this.pending.octets;
    const offset = this.scan(seam, 0, seam.length, carried);
    if (offset < carried) return -1;
    this.pending.clear();
    return offset - carried;
  }

  /**
   * Reads the entries that begin before `stopAt`; `end` is the end of the available octets. Returns the
   * offset where it stopped: at or after `stopAt`, or at the start of an entry that exceeds `end`. The
   * result for an entry does not depend on chunk boundaries.
   *
   * The loop has a fast path for the usual form of an entry (serial number, UTCTime, optional reasonCode);
   * `readCrlEntry` reads all other forms.
   */
  private scan(bytes: Uint8Array, from: number, end: number, stopAt: number): number {
    const sink = this.targets!.entries;
    let at = from;
    let entries = 0;
    let removals = 0;
    // Entry extensions require version 2 (RFC 5280 §5.1.2.6); `readCrlEntry` refuses them on version 1.
    const extensionTail = this.header!.version === 2 ? 14 : 0;
    while (at < stopAt) {
      if (at + 2 > end) break;
      const length = bytes[at + 1]!;
      const next = at + 2 + length;
      if (length < 0x80 && next > end) break;
      const serialLength = bytes[at + 3]!;
      const dateAt = at + 4 + serialLength;
      const tail = next - dateAt - 15;
      if (
        bytes[at] === 0x30 &&
        length < 0x80 &&
        bytes[at + 2] === 0x02 &&
        serialLength - 1 < 20 &&
        serialLength > 0 &&
        (tail === 0 || tail === extensionTail) &&
        bytes[dateAt] === 0x17 &&
        bytes[dateAt + 1] === 13 &&
        (serialLength === 1 || isShortest(bytes[at + 4]!, bytes[at + 5]!))
      ) {
        const reason = tail === 0 ? 0 : plainReason(bytes, dateAt + 15);
        const seconds = secondsOfUtcTime(bytes, dateAt + 2);
        if (reason >= 0 && seconds === seconds) {
          sink.add(bytes, at + 4, serialLength, seconds, reason);
          if (reason === 8) removals++;
          entries++;
          at = next;
          continue;
        }
      }
      const whole = wholeLength(bytes, at, end);
      if (whole < 0) break;
      const entry = asCrl(() => readCrlEntry(bytes, at, at + whole, this.header!.version));
      sink.add(bytes, entry.serialStart, entry.serialLength, entry.seconds, entry.reason);
      if (entry.reason === 8) removals++;
      entries++;
      at += whole;
    }
    this.entries += entries;
    this.removals += removals;
    return at;
  }
}

/** Scans a whole CRL from its chunks. The source may reuse a chunk's memory after the next chunk is requested. */
export async function scanCrl(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  open: (header: ScannedHeader) => CrlScanTargets,
  maximumBytes?: number,
): Promise<ScannedCrl> {
  const scanner = new CrlScanner(open, maximumBytes);
  for await (const chunk of chunks) scanner.push(chunk);
  return scanner.finish();
}

/** X.690 §8.3.2: the first nine bits of an INTEGER are neither all zero nor all one. */
const isShortest = (first: number, second: number): boolean =>
  first === 0 ? second >= 0x80 : first !== 0xff || second < 0x80;

/** Reason of `SEQUENCE { SEQUENCE { 2.5.29.21, OCTET STRING { ENUMERATED } } }` in 14 octets; -1 for other octets. */
function plainReason(bytes: Uint8Array, at: number): number {
  const reason = bytes[at + 13]!;
  return bytes[at] === 0x30 &&
    bytes[at + 1] === 12 &&
    bytes[at + 2] === 0x30 &&
    bytes[at + 3] === 10 &&
    bytes[at + 4] === 0x06 &&
    bytes[at + 5] === 3 &&
    bytes[at + 6] === 0x55 &&
    bytes[at + 7] === 0x1d &&
    bytes[at + 8] === 0x15 &&
    bytes[at + 9] === 0x04 &&
    bytes[at + 10] === 3 &&
    bytes[at + 11] === 0x0a &&
    bytes[at + 12] === 1 &&
    reason <= 10 &&
    reason !== 7
    ? reason
    : -1;
}

/** Octets of the entry at `at`, or -1 when it exceeds `end`. */
function wholeLength(bytes: Uint8Array, at: number, end: number): number {
  const header = lengthAt(bytes.subarray(0, end), at, tag.sequence);
  if (!header) return -1;
  if (header.length > engineLimits.streamedEntryOctets) throw malformed('an entry is too long');
  const whole = header.content - at + header.length;
  return at + whole <= end ? whole : -1;
}

/** Tag and length at `at`, as strict as `DerReader`; undefined when more octets are needed. */
function lengthAt(
  bytes: Uint8Array,
  at: number,
  expected: number,
): { readonly content: number; readonly length: number } | undefined {
  if (at < bytes.length && bytes[at] !== expected) {
    throw malformed(`expected tag 0x${expected.toString(16)}`);
  }
  if (at + 2 > bytes.length) return undefined;
  const first = bytes[at + 1]!;
  if (first < 0x80) return { content: at + 2, length: first };
  const octets = first & 0x7f;
  if (octets === 0 || octets > 4) throw malformed('length is indefinite or too large');
  const content = at + 2 + octets;
  if (content > bytes.length) return undefined;
  let length = 0;
  for (let i = at + 2; i < content; i++) length = length * 256 + bytes[i]!;
  if (length < 0x80 || length < 2 ** (8 * (octets - 1))) {
    throw malformed('length not in its shortest form');
  }
  return { content, length };
}

/** Converts `certificate-malformed` of the DER reader to `crl-malformed`. */
function asCrl<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError && error.code === 'certificate-malformed') {
      throw malformed(error.message);
    }
    throw error;
  }
}

/**
 * Copies of octets that wait for the next chunk. The memory doubles when it is full, so that a CRL in chunks
 * of one octet takes linear time.
 */
class CarriedOctets {
  length = 0;
  private store = new Uint8Array(0);

  /** A view, valid until the next call of another member. */
  get octets(): Uint8Array {
    return this.store.subarray(0, this.length);
  }

  append(octets: Uint8Array): void {
    const length = this.length + octets.length;
    if (length > this.store.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.store.length));
      grown.set(this.octets);
      this.store = grown;
    }
    this.store.set(octets, this.length);
    this.length = length;
  }

  clear(): void {
    this.length = 0;
  }

  /** Returns the octets in memory that nothing overwrites afterwards. */
  take(): Uint8Array {
    const { octets } = this;
    this.store = new Uint8Array(0);
    this.length = 0;
    return octets;
  }
}
