import { createHash, X509Certificate } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { buildShards, layoutOf, type BuiltShard } from '../lambdas/crl-store/format/build-pages.ts';
import { shardBitsFor } from '../lambdas/crl-store/format/page-layout.ts';
import { RevocationIndex } from '../lambdas/crl-store/format/revocation-index.ts';
import { parseCertificate } from '../lambdas/pki/x509/certificate.ts';
import { scanCrl, type CrlEntrySink } from '../lambdas/pki/x509/crl-stream.ts';
import { openSignature, type StreamedSignature } from '../lambdas/pki/x509/streamed-signature.ts';

/** One measured process: `hash`, `scan` (and verify) or `build`; prints seconds and peak memory. */
const [mode, file, anchorFile] = process.argv.slice(2) as [string, string, string];
const startedAt = performance.now();
const chunks = createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>;

if (mode === 'hash') {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  hash.digest();
} else {
  const anchor = parseCertificate(new X509Certificate(readFileSync(anchorFile)).raw);
  const policy = { minimumRsaBits: 2048, curves: [], hashes: ['SHA-256'] } as const;
  let signature: StreamedSignature | undefined;
  let index: RevocationIndex | undefined;
  const list = await scanCrl(chunks, (header) => {
    const opened = openSignature(header.signatureAlgorithm, policy);
    if (typeof opened === 'string') throw new Error(opened);
    signature = opened;
    if (mode === 'build') index = new RevocationIndex(1, shardBitsFor(header.entriesBytes));
    return { tbs: opened, entries: index ?? countOnly() };
  });
  if (signature!.verify(list.signature, anchor) !== 'ok') throw new Error('signature');
  if (index) {
    // Keeps all pages in memory, as if the store accepted none while they are built.
    const ready: BuiltShard[] = [...buildShards(index, layoutOf(index))];
    if (ready.length === 0) throw new Error('no shards');
  }
}
const seconds = (performance.now() - startedAt) / 1000;
console.log(JSON.stringify({ seconds, peakMb: process.resourceUsage().maxRSS / 1024 }));

/** Visits every entry without storing it. */
function countOnly(): CrlEntrySink {
  let sum = 0;
  return {
    add(_, __, ___, seconds, reason) {
      sum += seconds + reason;
    },
  };
}
