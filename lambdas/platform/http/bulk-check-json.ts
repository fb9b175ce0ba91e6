import { rfc3339 } from '../../pki/rfc3339.ts';
import { MyKeyError } from '../../errors.ts';
import type { BulkVerdict } from '../../crl-store/lookup/bulk-check.ts';
import { reasonName } from '../../crl-store/format/page-codec.ts';
import {
  malformedSerialCures,
  type MalformedSerials,
} from '../../crl-store/lookup/malformed-serials.ts';
import { rowState } from '../../crl-store/lookup/parse-serials.ts';
import type { Generation } from '../../crl-store/lookup/stored-lists.ts';
import { answerLimits } from './limits.ts';

/**
 * Lambda responses are limited to 6 MiB (6,291,556 octets), and the body is a JSON string inside
 * the response: each quotation mark takes one more octet. Headers and the envelope need far less
 * than the remainder.
 */
const largestAnswer = answerLimits.bulk;

/**
 * The JSON text of a response.
 * @param reasons whether the caller may read the reasons of revocations
 * @throws MyKeyError `request-too-large` if it exceeds Lambda's limit
 */
export function bulkCheckJson(
  verdict: BulkVerdict,
  form: 'compact' | 'full',
  reasons: boolean,
): string {
  const { generation, why, counts, checkedAt, issuerKeyId, malformed } = verdict;
  const head = {
    checkedAt: rfc3339(checkedAt),
    issuerKeyId,
    ...(generation && { evidence: listEvidence(generation, checkedAt) }),
    ...(why && { why }),
    counts,
    ...(malformed.length > 0 && { malformed: malformed.map(malformedJson) }),
    ...(form === 'compact' && { notGood: notGoodOf(verdict, reasons) }),
  };
  const text = JSON.stringify(head);
  const json =
    form === 'compact' ? text : `${text.slice(0, -1)},"rows":[${fullRows(verdict, reasons)}]}`;
  if (json.length + quotesIn(json) > largestAnswer) {
    throw new MyKeyError(
      'request-too-large',
      'request the compact form or fewer serials: the response would exceed the size limit',
    );
  }
  return json;
}

export const listEvidence = (generation: Generation, now: number): object => ({
  source: generation.sourceId,
  crlNumber: generation.crlNumber,
  thisUpdate: rfc3339(generation.thisUpdate),
  nextUpdate: rfc3339(generation.nextUpdate),
  ageSeconds: Math.floor((now - generation.thisUpdate) / 1000),
});

const malformedJson = ({ code, rows, first }: MalformedSerials): object => ({
  code,
  rows,
  firstRow: first,
  detail: malformedSerialCures[code],
});

function notGoodOf({ rows, entries, why }: BulkVerdict, reasons: boolean): object {
  const revoked = { row: [] as number[], revokedAt: [] as string[], reason: [] as string[] };
  const unknown: number[] = [];
  const malformed: number[] = [];
  const duplicate = { row: [] as number[], of: [] as number[] };
  for (let row = 0; row < rows.states.length; row++) {
    const state = rows.states[row];
    const position = rows.positions[row]!;
    if (state === rowState.malformed) malformed.push(row);
    else if (state === rowState.duplicate) {
      duplicate.row.push(row);
      duplicate.of.push(position);
    } else if (why) unknown.push(row);
    else if (!Number.isNaN(entries.seconds[position])) {
      revoked.row.push(row);
      revoked.revokedAt.push(rfc3339(entries.seconds[position]! * 1000));
      revoked.reason.push(reasonName(entries.reasons[position]!));
    }
  }
  const { row, revokedAt } = revoked;
  return { revoked: reasons ? revoked : { row, revokedAt }, unknown, malformed, duplicate };
}

function fullRows({ rows, entries, why }: BulkVerdict, reasons: boolean): string {
  const texts: string[] = [];
  for (let row = 0; row < rows.states.length; row++) {
    const state = rows.states[row];
    const position = rows.positions[row]!;
    if (state === rowState.malformed) texts.push('{"status":"malformed"}');
    else if (state === rowState.duplicate) texts.push(`{"status":"duplicate","of":${position}}`);
    else if (why) texts.push('{"status":"unknown"}');
    else if (Number.isNaN(entries.seconds[position])) texts.push('{"status":"good"}');
    else {
      const revokedAt = rfc3339(entries.seconds[position]! * 1000);
      const reason = reasons ? `,"reason":"${reasonName(entries.reasons[position]!)}"` : '';
      texts.push(`{"status":"revoked","revokedAt":"${revokedAt}"${reason}}`);
    }
  }
  return texts.join(',');
}

function quotesIn(text: string): number {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes++;
  return quotes;
}
