import { MyKeyError } from '../../errors.ts';
import type { LinkOutcome, LinkPorts } from '../../people/links.ts';
import { readMyKeyId } from '../../people/my-key-id.ts';
import { linkMyKeyId, previewMyKeyIdLink } from '../../people/my-key-id-links.ts';
import { eachRow, sharingSides, type RowResults } from '../links/each-row.ts';

/** A row as the library's register has it: the My Key ID as somebody wrote it. */
export interface LibraryRow {
  readonly myKeyId: string;
  readonly userNumber: string;
}

/**
 * Links row by row; a refused row does not affect the others. Rows that share a person or a number
 * are processed in order, so that the second sees the result of the first.
 * @throws MyKeyError `dependency-unavailable`: earlier rows may be linked; send the same rows again
 */
export async function importLibraryLinks(
  ports: LinkPorts,
  serviceId: string,
  rows: readonly LibraryRow[],
  { dryRun, replace }: { readonly dryRun: boolean; readonly replace: boolean },
): Promise<RowResults<LinkOutcome>> {
  const one = async ({ myKeyId, userNumber }: LibraryRow): Promise<LinkOutcome> => {
    const read = readMyKeyId(myKeyId);
    if ('fault' in read) {
      throw new MyKeyError(
        'request-invalid',
        'compare the My Key ID with the one issued: a character is wrong, missing or exchanged',
      );
    }
    const wish = { myKeyId: read.myKeyId, userNumber, replace };
    if (dryRun) return previewMyKeyIdLink(ports, serviceId, wish);
    return (await linkMyKeyId(ports, serviceId, wish)).outcome;
  };
  return eachRow(rows, dryRun, one, sharingSides(rows, sidesOf));
}

function sidesOf({ myKeyId, userNumber }: LibraryRow): readonly string[] {
  const read = readMyKeyId(myKeyId);
  return ['fault' in read ? myKeyId : read.myKeyId, userNumber];
}
