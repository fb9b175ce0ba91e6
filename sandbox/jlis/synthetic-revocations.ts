import { integer, sequence, time } from '../pki/der-writer.ts';
import { crlEntryExtensions } from '../pki/build-crl.ts';
import { reasonNumbers, type Reason } from './registry.ts';

/**
 * Revocations of certificates that no card holds, for CRLs of realistic size: an arithmetic
 * progression of serials instead of one record each.
 */
export interface SyntheticBlock {
  readonly anchorId: string;
  readonly municipality: string;
  readonly first: number;
  readonly count: number;
  /** Milliseconds since 1970, whole seconds. */
  readonly revokedAt: number;
}

/** Two of three serials in the range are not revoked, so that both answers can be tested. */
export const syntheticStep = 3;
/** Above every serial of a card here, and still four octets. */
export const firstSyntheticSerial = 0x2000_0001;

const cycle: readonly Reason[] = [
  'superseded',
  'affiliationChanged',
  'cessationOfOperation',
  'certificateHold',
  'superseded',
];
const reasonAt = (index: number): Reason => cycle[index % cycle.length]!;

/** The status of a serial in a block; undefined if it is not in it. */
export function syntheticRevocation(
  block: SyntheticBlock,
  serial: number,
): { readonly at: number; readonly reason: Reason } | undefined {
  const distance = serial - block.first;
  const index = distance / syntheticStep;
  if (distance < 0 || !Number.isInteger(index) || index >= block.count) return undefined;
  return { at: block.revokedAt, reason: reasonAt(index) };
}

/**
 * The block's entries as concatenated DER: a template for each reason, with the serial inserted.
 */
export function syntheticEntries(block: SyntheticBlock): Buffer {
  const templates = cycle.map((reason) =>
    sequence(
      integer(block.first),
      time(new Date(block.revokedAt)),
      sequence(crlEntryExtensions.reason(reasonNumbers[reason])),
    ),
  );
  const { length } = templates[0]!;
  const entries = Buffer.allocUnsafe(length * block.count);
  for (let i = 0; i < block.count; i++) {
    templates[i % templates.length]!.copy(entries, i * length);
    // SEQUENCE header 2, INTEGER header 2, then the four octets.
    entries.writeUInt32BE(block.first + i * syntheticStep, i * length + 4);
  }
  return entries;
}
