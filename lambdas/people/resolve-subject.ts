import { randomBytes } from 'node:crypto';
import { MyKeyError } from '../errors.ts';
import { certificateIndex } from './certificate-index.ts';
import type { CertificateReference } from './certificate-reference.ts';
import type { HeldCertificate, IdentityStore } from './identity-store.ts';
import { withinBudget, type LinkageWorld, type TimedLinkage } from './linkage-budget.ts';
import { sealReference } from './sealed-reference.ts';

/** Keys derived from the KMS index key; 32 octets each. */
export interface IdentityKeys {
  readonly index: Uint8Array;
  readonly seal: Uint8Array;
}

export interface IdentityWorld extends LinkageWorld {
  readonly keys: () => Promise<IdentityKeys>;
  readonly store: IdentityStore;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The subject behind a certificate. At first sight the linkage service is asked for what it renewed,
 * back to a certificate that is filed or to the first one; the whole line is filed at once, so that
 * logins with the old and the new card at the same moment end in one subject.
 * @throws MyKeyError `linkage-unavailable`: nothing was minted
 */
export async function resolveSubject(
  reference: CertificateReference,
  world: IdentityWorld,
): Promise<string> {
  const keys = await world.keys();
  const index = certificateIndex(keys.index, reference);
  const linkage = withinBudget(world);
  // Each round that loses a race finds what the winner filed; a third loss is no race.
  for (let round = 0; round < 3; round++) {
    const known = await world.store.subjectOf(index);
    if (known !== undefined) return known;
    const line = await lineOf({ index, reference }, keys, world.store, linkage);
    const filed = await file(line, keys, world);
    if (filed !== undefined) return filed;
  }
  throw new MyKeyError('dependency-unavailable', 'the certificate could not be filed');
}

interface Link {
  readonly index: string;
  readonly reference: CertificateReference;
}

interface Line {
  /** Newest first; none of them filed. */
  readonly unfiled: readonly Link[];
  /** The first filed predecessor. */
  readonly filed: { readonly index: string; readonly subjectId: string } | undefined;
}

/** A certificate lives five years, ten at most: sixteen renewals are more than a life of them. */
const maxLine = 16;

async function lineOf(
  first: Link,
  keys: IdentityKeys,
  store: IdentityStore,
  linkage: TimedLinkage,
): Promise<Line> {
  const unfiled = [first];
  while (unfiled.length <= maxLine) {
    const reference = await linkage.predecessorOf(unfiled.at(-1)!.reference);
    if (reference === undefined) return { unfiled, filed: undefined };
    const index = certificateIndex(keys.index, reference);
    if (unfiled.some((link) => link.index === index)) break;
    const subjectId = await store.subjectOf(index);
    if (subjectId !== undefined) return { unfiled, filed: { index, subjectId } };
    unfiled.push({ index, reference });
  }
  throw new MyKeyError('linkage-unavailable', 'the linkage service gave an endless line');
}

async function file(
  { unfiled, filed }: Line,
  keys: IdentityKeys,
  { store, now }: IdentityWorld,
): Promise<string | undefined> {
  const subjectId = filed?.subjectId ?? newSubjectId();
  const certificates = unfiled.map(({ index, reference }, position): HeldCertificate => ({
    index,
    sealed: sealReference(keys.seal, subjectId, reference),
    superseded: position > 0,
  }));
  const done =
    filed === undefined
      ? await store.createSubject(subjectId, certificates, now)
      : await store.addCertificates(subjectId, filed.index, certificates, now);
  return done ? subjectId : undefined;
}

/** 128 random bits, lower-case hex: says nothing of the person or the card. */
const newSubjectId = (): string => randomBytes(16).toString('hex');
