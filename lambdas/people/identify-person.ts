import { MyKeyError } from '../errors.ts';
import type { CertificateReference } from './certificate-reference.ts';
import { ppidMessage, ppidOfMac } from './ppid.ts';
import { resolveSubject, type IdentityWorld } from './resolve-subject.ts';

export interface PpidWorld extends IdentityWorld {
  /** Port: KMS GenerateMac; at least 20 octets, and which key made them. */
  readonly ppidMac: (
    message: Uint8Array,
  ) => Promise<{ readonly mac: Uint8Array; readonly keyVersion: string }>;
}

/**
 * The PPID of a certificate's holder at one service. Made once; read ever after.
 * @throws MyKeyError `linkage-unavailable`, `subject-suspended`, `dependency-unavailable`
 */
export async function identifyPerson(
  reference: CertificateReference,
  service: { readonly serviceId: string; readonly sectorId: string },
  world: PpidWorld,
): Promise<string> {
  const { store, now } = world;
  const subjectId = await resolveSubject(reference, world);
  const standing = await store.standing(subjectId, service.serviceId);
  if (standing === undefined) {
    throw new MyKeyError('dependency-unavailable', 'the subject was deleted at this moment');
  }
  if (standing.suspended) throw new MyKeyError('subject-suspended', 'use is suspended');
  if (standing.ppid !== undefined) return standing.ppid;
  const { mac, keyVersion } = await world.ppidMac(ppidMessage(service.sectorId, subjectId));
  const { serviceId } = service;
  return store.keepPpid({ subjectId, serviceId, ppid: ppidOfMac(mac), keyVersion, issuedAt: now });
}
