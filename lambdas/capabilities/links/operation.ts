import {
  awaitUserNumber,
  previewAwait,
  previewLink,
  putLink,
  type AwaitPorts,
  type LinkOutcome,
  type LinkPorts,
  type LinkWish,
} from '../../people/links.ts';
import { eachRow, sharingSides, type RowResults } from './each-row.ts';

/**
 * Links row by row; a refused row does not affect the others. Rows that share a person or a number
 * are processed in order, so that the second sees the result of the first.
 * @throws MyKeyError `dependency-unavailable`: earlier rows may be linked; send the same rows again
 */
export async function importLinks(
  ports: LinkPorts,
  serviceId: string,
  rows: readonly Omit<LinkWish, 'replace'>[],
  { dryRun, replace }: { readonly dryRun: boolean; readonly replace: boolean },
): Promise<RowResults<LinkOutcome>> {
  const one = async (row: Omit<LinkWish, 'replace'>): Promise<LinkOutcome> => {
    const wish = { ...row, replace };
    if (dryRun) return previewLink(ports, serviceId, wish);
    return (await putLink(ports, serviceId, wish)).outcome;
  };
  const inOrder = sharingSides(rows, ({ ppid, userNumber }) => [ppid, userNumber]);
  return eachRow(rows, dryRun, one, inOrder);
}

/** @throws MyKeyError `dependency-unavailable`, as `importLinks` */
export async function awaitLinks(
  ports: AwaitPorts,
  serviceId: string,
  userNumbers: readonly string[],
  { dryRun }: { readonly dryRun: boolean },
): Promise<RowResults<'waiting' | 'unchanged'>> {
  const act = dryRun ? previewAwait : awaitUserNumber;
  return eachRow(
    userNumbers,
    dryRun,
    (userNumber) => act(ports, serviceId, userNumber),
    sharingSides(userNumbers, (userNumber) => [userNumber]),
  );
}
