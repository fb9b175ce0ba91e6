import { MyKeyError } from '../../errors.ts';
import type { CertificateReference } from '../../people/certificate-reference.ts';
import { personOfPpid } from '../../people/find-person.ts';
import type { PersonPorts } from '../../people/identify-person.ts';
import { holdsMyKeyId, myKeyIdInForce } from '../../people/my-key-id-links.ts';
import { issueMyKeyId } from '../../people/my-key-id-records.ts';
import type { RecordPorts } from '../../people/records.ts';
import type { StoredLists } from '../../pki/revocation/stored-lists.ts';
import type { AuthenticationPorts } from '../authentications/operation.ts';
import { crlHolders } from '../services/service-rights.ts';
import type { ServiceForm } from '../services/service.ts';
import type { Opener } from './reading-session.ts';

/** The sources that a service of this form may have a card checked against. */
export function authenticationFor(
  form: ServiceForm,
  ports: AuthenticationPorts,
): AuthenticationPorts {
  if (crlHolders(form) === 'anybody') return ports;
  const { validation, identity } = ports;
  const lists = listsForHolders(validation.lists, identity);
  return { ...ports, validation: { ...validation, lists } };
}

/**
 * CRLs that answer for holders of a My Key ID in force alone. Whose certificate it is, is looked up for
 * each question: a My Key ID that was revoked opens no list from the next reading on.
 */
const listsForHolders = (lists: StoredLists, people: RecordPorts): StoredLists => ({
  current: (scope) => lists.current(scope),
  all: () => lists.all(),
  lookup: async (generation, serials) => {
    const { issuerKeyId } = generation;
    for (const serial of serials) {
      if (await holdsMyKeyId(people, { issuerKeyId, serial })) continue;
      throw new MyKeyError(
        'revocation-method-not-permitted',
        'read the card again when the responder answers: lists are for holders of a My Key ID',
      );
    }
    return lists.lookup(generation, serials);
  },
});

/**
 * What a service calls the person: its PPID or, at a library, the My Key ID.
 * @param issue issues a My Key ID to a person who has none in force
 * @throws MyKeyError `my-key-id-not-found`: the person has none and none is to be issued;
 *   `my-key-id-taken`, `dependency-unavailable`
 */
export async function nameFor(
  { serviceType, serviceId }: Pick<Opener, 'serviceType' | 'serviceId'>,
  ppid: string,
  identity: PersonPorts,
  issue?: { readonly certificate: CertificateReference; readonly choice?: string | undefined },
): Promise<{ readonly ppid: string } | { readonly myKeyId: string }> {
  if (serviceType !== 'library') return { ppid };
  const person = await personOfPpid(identity, serviceId, ppid);
  const held = person && (await myKeyIdInForce(identity, person.value));
  if (held !== undefined) return { myKeyId: held };
  if (person === undefined || issue === undefined) {
    throw new MyKeyError(
      'my-key-id-not-found',
      'read the card with its PIN and myKeyId: no My Key ID is in force',
    );
  }
  const { subjectId } = person.value;
  const { myKeyId } = await issueMyKeyId(identity, subjectId, issue.certificate, issue.choice);
  return { myKeyId };
}
