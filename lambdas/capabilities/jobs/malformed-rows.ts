import { malformedSerialCures } from '../../crl-store/lookup/malformed-serials.ts';
import type { MalformedCount, MalformedRow } from './job.ts';

/** The advice for each reason why a row could not be read, the cure first. */
export const malformedRowCures: Readonly<Record<MalformedRow, string>> = {
  ...malformedSerialCures,
  'row-malformed':
    'write one record in each line, with no more fields than the header: this is no such CSV record or JSON object, or it has a control character, as ISO-2022-JP text has (save as UTF-8)',
  'member-repeated': 'write each member of an object once',
  'serial-missing': 'fill in the serial, or remove the row: it has none',
  'ppid-missing': 'fill in the PPID, or remove the row: it has none',
  'ppid-malformed': 'write the PPID as it was given: 32 characters a–z and 2–7',
  'issuer-missing': "name the issuer in the row, or set the job's issuer: it has none",
  'issuer-unknown':
    'take an issuer from GET /v1/revocations/sources: no trust anchor has this name or key id',
};

/** One entry per reason, in the order of the first row of each. */
export function countMalformedRows(
  malformed: readonly { readonly line: number; readonly why: MalformedRow }[],
): readonly MalformedCount[] {
  return sumMalformed(malformed.map(({ line, why }) => ({ code: why, rows: 1, firstLine: line })));
}

export function sumMalformed(counts: readonly MalformedCount[]): readonly MalformedCount[] {
  const sums = new Map<MalformedRow, MalformedCount>();
  for (const { code, rows, firstLine } of counts) {
    const sum = sums.get(code);
    sums.set(code, {
      code,
      rows: rows + (sum?.rows ?? 0),
      firstLine: Math.min(firstLine, sum?.firstLine ?? firstLine),
    });
  }
  return [...sums.values()].toSorted((a, b) => a.firstLine - b.firstLine);
}
