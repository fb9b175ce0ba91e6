import { createSign, randomFillSync } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { buildCaCertificate, buildName, extension } from '../sandbox/pki/build-certificate.ts';
import { crlExtensions } from '../sandbox/pki/build-crl.ts';
import { bitString, context, integer, sequence, time } from '../sandbox/pki/der-writer.ts';
import { algorithmOf, generateSigner, spkiOf, type Signer } from '../sandbox/pki/signing.ts';

export interface ListIssuer {
  readonly signer: Signer;
  readonly name: Buffer;
  readonly certificate: Buffer;
}

/** An issuer with a name like JPKI's: RSA-2048, no CN. */
export function createListIssuer(now: number): ListIssuer {
  const signer = generateSigner('rsa-2048');
  const name = buildName(
    ['C', 'JP'],
    ['O', 'JPKI-SANDBOX'],
    ['OU', 'JPKI for user authentication'],
    ['OU', 'Japan Agency for Local Authority Information Systems'],
  );
  const certificate = buildCaCertificate({
    serial: 1,
    subject: name,
    notBefore: new Date(now - 365 * 86_400_000),
    notAfter: new Date(now + 9 * 365 * 86_400_000),
    signer,
  });
  return { signer, name, certificate };
}

export interface GeneratedList {
  readonly entries: number;
  /** 4: ascending, as a counter issues them; 16: random, unsorted. */
  readonly serialOctets: 4 | 16;
  readonly crlNumber: number;
  readonly now: number;
}

/** The n-th serial of a generated list of 4-octet serials; none of `serial + 1 … + 3` is on it. */
export const serialAt = (n: number): number => 0x0080_0000 + n * 4;

/**
 * Writes a signed list to `path`, entries in blocks of 1 MiB, in one pass. Its reasons and dates vary
 * over CRLReason and five years. Returns the bytes written.
 */
export function generateCrl(path: string, issuer: ListIssuer, list: GeneratedList): number {
  const entryBytes = 2 + (2 + list.serialOctets) + 15 + 14;
  const head = Buffer.concat([
    integer(1),
    algorithmOf(issuer.signer.scheme),
    issuer.name,
    time(new Date(list.now - 3_600_000)),
    time(new Date(list.now + 86_400_000)),
  ]);
  const tail = context(
    0,
    sequence(
      crlExtensions.authorityKeyIdentifier(spkiOf(issuer.signer)),
      crlExtensions.crlNumber(list.crlNumber),
    ),
  );
  const entriesHeader = headerOf(0x30, list.entries * entryBytes);
  const tbsLength = head.length + entriesHeader.length + list.entries * entryBytes + tail.length;
  const tbsHeader = headerOf(0x30, tbsLength);
  const algorithm = algorithmOf(issuer.signer.scheme);
  const signatureBits = 4 + 1 + 256;
  const total = tbsHeader.length + tbsLength + algorithm.length + signatureBits;
  const file = openSync(path, 'w');
  const signature = createSign('sha256');
  let written = writeSync(file, headerOf(0x30, total));
  const signed = (bytes: Buffer): void => {
    signature.update(bytes);
    written += writeSync(file, bytes);
  };
  signed(Buffer.concat([tbsHeader, head, entriesHeader]));
  const block = Buffer.alloc(Math.floor((1 << 20) / entryBytes) * entryBytes);
  const template = entryTemplate(list.serialOctets);
  const days = Array.from({ length: 1826 }, (_, day) =>
    Buffer.from(
      new Date(list.now - (day + 2) * 86_400_000).toISOString().slice(2, 10).replaceAll('-', ''),
    ),
  );
  const random = Buffer.alloc(16);
  let state = 0x2545f491;
  for (let n = 0; n < list.entries;) {
    let at = 0;
    for (; at < block.length && n < list.entries; n++, at += entryBytes) {
      template.copy(block, at);
      if (list.serialOctets === 4) {
        block.writeUInt32BE(serialAt(n), at + 4);
      } else {
        randomFillSync(random);
        random[0] = (random[0]! & 0x3f) | 0x40;
        random.copy(block, at + 4);
      }
      // xorshift32: reproducible dates, times and reasons.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const date = at + 4 + list.serialOctets + 2;
      days[(state >>> 8) % days.length]!.copy(block, date);
      const second = (state >>> 4) % 86_400;
      writeTwo(block, date + 6, Math.floor(second / 3600));
      writeTwo(block, date + 8, Math.floor(second / 60) % 60);
      writeTwo(block, date + 10, second % 60);
      block[at + entryBytes - 1] = [1, 3, 4, 5, 6][(state >>> 3) % 5]!;
    }
    signed(block.subarray(0, at));
  }
  signed(tail);
  written += writeSync(
    file,
    Buffer.concat([algorithm, bitString(signature.sign(issuer.signer.privateKey))]),
  );
  closeSync(file);
  return written;
}

function entryTemplate(serialOctets: number): Buffer {
  return sequence(
    Buffer.concat([Uint8Array.of(0x02, serialOctets), Buffer.alloc(serialOctets, 0x40)]),
    time(new Date(0)),
    sequence(extension('2.5.29.21', Uint8Array.of(0x0a, 1, 1))),
  );
}

const writeTwo = (block: Buffer, at: number, value: number): void => {
  block[at] = 0x30 + Math.floor(value / 10);
  block[at + 1] = 0x30 + (value % 10);
};

/** Encodes tag and length only. */
function headerOf(tag: number, length: number): Buffer {
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return length < 0x80
    ? Buffer.from([tag, length])
    : Buffer.from([tag, 0x80 | octets.length, ...octets]);
}
