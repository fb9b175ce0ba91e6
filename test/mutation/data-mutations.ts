import { guard, type GuardedRoom } from './guarded-room.ts';

const ingest = (name: string): string => `lambdas/crl-store/ingest/${name}.ts`;

const ingestion: GuardedRoom = {
  hasVectors: true,
  tests: [
    'test/crl-store/ingest-crl.test.ts',
    'test/pki/x509/crl-stream.test.ts',
    'test/pki/x509/crl-chunks.test.ts',
  ],
  mutations: [
    guard(ingest('accept-crl'), 'if (extensions.unknownCritical.length > 0)', 'if (false)'),
    guard(ingest('accept-crl'), 'if (point.indirectCrl)', 'if (false)'),
    guard(ingest('accept-crl'), 'point.onlyCaCertificates || point', 'point'),
    guard(ingest('accept-crl'), 'if (point.onlySomeReasons !== undefined)', 'if (false)'),
    guard(
      ingest('accept-crl'),
      "if (!allowsKeyUsage(anchor.certificate, 'cRLSign'))",
      'if (false)',
    ),
    guard(ingest('accept-crl'), "if (outcome === 'ok') return issuerKeyId;", 'return issuerKeyId;'),
    guard(
      ingest('accept-crl'),
      'if (list.removals > 0 && extensions.deltaBase === undefined)',
      'if (false)',
    ),
    guard(ingest('accept-crl'), 'if (extensions.crlNumber === undefined)', 'if (false)'),
    // The order of CRL numbers and times is held twice: here and by the conditional write of the switch.
    guard(ingest('ingest-crl'), ' || BigInt(serving.crlNumber) < needed', ''),
    guard(ingest('ingest-crl'), ' || !isOfScope(accepted, serving)', ''),
    guard(
      'lambdas/pki/x509/crl-stream.ts',
      "if (this.pending.length > 0) throw malformed('the last entry is truncated');",
      '',
    ),
    guard(
      'lambdas/pki/x509/crl-stream.ts',
      "if (header.length > engineLimits.streamedEntryOctets) throw malformed('an entry is too long');",
      '',
    ),
    guard('lambdas/pki/x509/crl-stream.ts', 'serialLength - 1 < 20 &&', ''),
    guard(
      'lambdas/pki/x509/crl-entry.ts',
      "if (!fitsSerial(serial)) throw malformed('a serial is longer than 20 octets');",
      '',
    ),
  ],
};

const jobRows: GuardedRoom = {
  tests: ['test/capabilities/jobs/split-lines.test.ts', 'test/capabilities/jobs/whole-job.test.ts'],
  mutations: [
    guard(
      'lambdas/capabilities/jobs/split-lines.ts',
      "if (lineEnd - this.#lineStart > lineBytes) throw new JobRejected('upload-line-too-long');",
      '',
    ),
    guard(
      'lambdas/capabilities/jobs/split-lines.ts',
      "if (this.#line > this.#limits.lines) throw new JobRejected('upload-too-large');",
      '',
    ),
    guard(
      'lambdas/capabilities/jobs/plan-job.ts',
      'if (head.length > jobLimits.lineBytes)',
      'if (false)',
    ),
    guard(
      'lambdas/capabilities/jobs/plan-job.ts',
      'if (await quota.take(owner, day, rows, identifiersPerDay, jobId)) return;',
      'return;',
    ),
    guard('lambdas/capabilities/jobs/check-chunk.ts', 'if (closeSerials > 0) {', 'if (false) {'),
    guard(
      'lambdas/capabilities/jobs/plan-job.ts',
      'asked.identifiersPerDay ?? deployed.identifiersPerDay',
      'deployed.identifiersPerDay',
    ),
  ],
};

const registerAttributes: GuardedRoom = {
  tests: ['test/capabilities/jobs/attributes-by-method.test.ts'],
  mutations: [
    guard(
      'lambdas/capabilities/jobs/plan-job.ts',
      'if (asksResponders(job) && rows > jobLimits.ocspLines) {',
      'if (false) {',
    ),
    guard(
      'lambdas/capabilities/jobs/answer-attributes.ts',
      'atOnce: jobLimits.ocspAtOnce }',
      'atOnce: 3 }',
    ),
    guard(
      'lambdas/capabilities/jobs/answer-attributes.ts',
      'Math.min(totalMs - kept, leftMs)',
      'totalMs - kept',
    ),
    guard(
      'lambdas/capabilities/jobs/answer-attributes.ts',
      'await pause(jobLimits.ocspPauseMs);',
      '',
    ),
    guard(
      'lambdas/capabilities/jobs/pinned-lists.ts',
      'reject(new ListsUnread(cause))',
      'reject(cause)',
    ),
  ],
};

export const dataRooms: readonly GuardedRoom[] = [ingestion, jobRows, registerAttributes];
