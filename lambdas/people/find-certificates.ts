import type { CertificateReference } from './certificate-reference.ts';
import type { IdentityStore } from './identity-store.ts';
import type { IdentityKeys } from './resolve-subject.ts';
import { openReference } from './sealed-reference.ts';

/** Port for bulk jobs by PPID. */
export type FindCertificatesByPpid = (
  serviceId: string,
  ppid: string,
) => Promise<readonly CertificateReference[]>;

/**
 * The current certificates of a person whom this service knows: those that no renewal replaced (a
 * card's, a phone's). Empty: the service has no such PPID, whoever else may have it.
 */
export function findCertificatesByPpid(
  store: IdentityStore,
  keys: () => Promise<IdentityKeys>,
): FindCertificatesByPpid {
  return async (serviceId, ppid) => {
    const subjectId = await store.subjectOfPpid(serviceId, ppid);
    if (subjectId === undefined) return [];
    const [{ seal }, certificates] = await Promise.all([keys(), store.certificatesOf(subjectId)]);
    return certificates
      .filter(({ superseded }) => !superseded)
      .map(({ sealed }) => openReference(seal, subjectId, sealed));
  };
}
