import { severalAtOnce } from '../several-at-once.ts';
import { MyKeyError } from '../errors.ts';
import { entryOfPerson, holderOf, personOfPpid } from './find-person.ts';
import { peopleLimits } from './limits.ts';
import {
  exportLinks,
  findLink,
  previewLink,
  putLink,
  removeLink,
  type Link,
  type LinkOutcome,
  type LinkPage,
  type LinkPorts,
} from './links.ts';
import { personOfMyKeyId, idsInForce } from './my-key-id-records.ts';
import type { RecordPorts, Standing } from './records.ts';
import type { CertificateReference } from './certificate-reference.ts';

/*
 * A library gets no PPID: the platform keeps one for each person of the library and tells it to nobody.
 * The link between that PPID and the user number is the one that other services have, so that it is
 * unique both ways, and survives a renewal, a merge and another My Key ID.
 */

/** A person's My Key ID and the number in one library's own system. */
export interface MyKeyIdLink {
  readonly myKeyId: string;
  readonly userNumber: string;
  /** Milliseconds since 1970. */
  readonly linkedAt: number;
}

/** Finds a link by My Key ID or by user number. */
export type MyKeyIdLinkSide = { readonly myKeyId: string } | { readonly userNumber: string };

export interface MyKeyIdLinkWish {
  readonly myKeyId: string;
  readonly userNumber: string;
  /** Removes conflicting links: the person's other number, or the number's other person. */
  readonly replace: boolean;
}

/** A person's My Key ID in force; of a merged record where the person's own has none. */
export async function myKeyIdInForce(
  ports: RecordPorts,
  standing: Standing,
): Promise<string | undefined> {
  return (await idsInForce(ports, standing))[0]?.issued.myKeyId;
}

/** Whether the holder of a certificate has a My Key ID in force. */
export async function holdsMyKeyId(
  ports: RecordPorts,
  certificate: CertificateReference,
): Promise<boolean> {
  const person = await holderOf(ports, certificate);
  return person !== undefined && (await myKeyIdInForce(ports, person.value)) !== undefined;
}

/**
 * Links a person whose card was read at this library to a user number, unique both ways within the
 * library, in one transaction.
 * @throws MyKeyError `my-key-id-not-found`: not in force, or its holder's card was never read here;
 *   `user-number-taken`, `person-already-linked`, `dependency-unavailable`
 */
export async function linkMyKeyId(
  ports: LinkPorts,
  serviceId: string,
  { myKeyId, ...wish }: MyKeyIdLinkWish,
): Promise<{ readonly outcome: LinkOutcome; readonly link: MyKeyIdLink }> {
  const ppid = await nameAtLibrary(ports, serviceId, myKeyId);
  const { outcome, link } = await putLink(ports, serviceId, { ppid, ...wish });
  return { outcome, link: { myKeyId, userNumber: wish.userNumber, linkedAt: link.linkedAt } };
}

/**
 * Checks whether `linkMyKeyId` would succeed, without writing, for dry runs.
 * @throws MyKeyError as `linkMyKeyId`
 */
export async function previewMyKeyIdLink(
  ports: LinkPorts,
  serviceId: string,
  { myKeyId, ...wish }: MyKeyIdLinkWish,
): Promise<LinkOutcome> {
  const ppid = await nameAtLibrary(ports, serviceId, myKeyId);
  return previewLink(ports, serviceId, { ppid, ...wish });
}

/**
 * @throws MyKeyError `my-key-id-not-found`: as `linkMyKeyId`, or the number's person has none in force;
 *   `link-not-found`, `dependency-unavailable`
 */
export async function findMyKeyIdLink(
  ports: RecordPorts,
  serviceId: string,
  by: MyKeyIdLinkSide,
): Promise<MyKeyIdLink> {
  const side = await sideOf(ports, serviceId, by);
  const { ppid, userNumber, linkedAt } = await findLink(ports, serviceId, side);
  if ('myKeyId' in by) return { myKeyId: by.myKeyId, userNumber, linkedAt };
  const myKeyId = await myKeyIdOfPpid(ports, serviceId, ppid);
  if (myKeyId === undefined) throw notFound();
  return { myKeyId, userNumber, linkedAt };
}

/**
 * Removes a link. By user number, also that of a person whose My Key ID is no longer in force.
 * @returns the user number that is free
 * @throws MyKeyError `my-key-id-not-found`, `link-not-found`, `dependency-unavailable`
 */
export async function removeMyKeyIdLink(
  ports: LinkPorts,
  serviceId: string,
  by: MyKeyIdLinkSide,
): Promise<string> {
  return (await removeLink(ports, serviceId, await sideOf(ports, serviceId, by))).userNumber;
}

/**
 * All links of a library, page by page as `exportLinks`. A number whose person has no My Key ID in force
 * waits for the next one.
 * @throws MyKeyError `dependency-unavailable`
 */
export async function exportMyKeyIdLinks(
  ports: LinkPorts,
  serviceId: string,
  from: number,
): Promise<LinkPage<MyKeyIdLink>> {
  const page = await exportLinks(ports, serviceId, from);
  const links: MyKeyIdLink[] = [];
  const waiting: string[] = [...page.waiting];
  const look = async ({ ppid, userNumber, linkedAt }: Link): Promise<void> => {
    const myKeyId = await myKeyIdOfPpid(ports, serviceId, ppid);
    if (myKeyId === undefined) waiting.push(userNumber);
    else links.push({ myKeyId, userNumber, linkedAt });
  };
  await severalAtOnce(page.links, peopleLimits.exportedAtOnce, look);
  return { links, waiting, ...(page.next !== undefined && { next: page.next }) };
}

async function myKeyIdOfPpid(
  ports: RecordPorts,
  serviceId: string,
  ppid: string,
): Promise<string | undefined> {
  const person = await personOfPpid(ports, serviceId, ppid);
  return person && myKeyIdInForce(ports, person.value);
}

async function sideOf(ports: RecordPorts, serviceId: string, by: MyKeyIdLinkSide) {
  if ('userNumber' in by) return by;
  return { ppid: await nameAtLibrary(ports, serviceId, by.myKeyId) };
}

/**
 * One answer for a My Key ID that was never issued, was revoked, or is of a person unknown here: whose
 * it is cannot be found out by trying.
 */
async function nameAtLibrary(
  ports: RecordPorts,
  serviceId: string,
  myKeyId: string,
): Promise<string> {
  const person = await personOfMyKeyId(ports, myKeyId);
  const entry = person && (await entryOfPerson(ports, serviceId, person.value));
  if (entry === undefined) throw notFound();
  return entry.value.ppid;
}

const notFound = (): MyKeyError =>
  new MyKeyError(
    'my-key-id-not-found',
    'read the card at this library first, and issue a My Key ID if none is in force',
  );
