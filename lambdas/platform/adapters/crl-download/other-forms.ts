import { MyKeyError } from '../../../errors.ts';
import { octetsCure } from '../../../pki/diagnosis/octets-cure.ts';
import { adapterLimits } from '../limits.ts';

/**
 * Passes on content that can be the DER of a CRL.
 * @throws MyKeyError `crl-malformed`, naming the format that was found instead
 */
export async function* refuseOtherForms(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = head.length === 0 ? Buffer.from(chunk) : Buffer.concat([head, chunk]);
    if (head.length < adapterLimits.formHeadOctets) continue;
    refuse(head);
    yield head;
    head = undefined;
  }
  if (head === undefined) return;
  refuse(head);
  yield head;
}

function refuse(head: Buffer): void {
  const cure = octetsCure(head.subarray(0, adapterLimits.formHeadOctets), 'list', false);
  if (cure !== undefined) throw new MyKeyError('crl-malformed', cure);
}
