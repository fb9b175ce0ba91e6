import { MyKeyError } from '../errors.ts';
import { concurrentWrite } from './concurrent-write.ts';
import { entryOfPerson, personOfPpid } from './find-person.ts';
import { peopleLimits } from './limits.ts';
import { resealed, type Consent, type Entry, type Opened, type RecordPorts } from './records.ts';

export interface ConsentPorts extends RecordPorts {
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface ConsentWish {
  readonly ppid: string;
  /** What the person consented to, or was told: the service's own name of the text. */
  readonly document: string;
  readonly version: string;
  readonly kind: Consent['kind'];
}

/**
 * Records that a person consented to a version of a text, or received it as a notice. A later
 * version ends none before it. A repetition changes nothing.
 * @throws MyKeyError `ppid-not-found`, `consents-full`, `dependency-unavailable`
 */
export const recordConsent = (
  ports: ConsentPorts,
  serviceId: string,
  { ppid, document, version, kind }: ConsentWish,
): Promise<readonly Consent[]> =>
  change(ports, serviceId, ppid, (consents) => {
    const stands = consents.some(
      (one) =>
        one.kind === kind &&
        one.document === document &&
        one.version === version &&
        one.withdrawnAt === undefined,
    );
    if (stands) return undefined;
    if (consents.length >= peopleLimits.consentsPerPerson)
      throw new MyKeyError(
        'consents-full',
        'record fewer texts of a person, or fewer versions: the record is full',
      );
    return [...consents, { kind, document, version, recordedAt: ports.now }];
  });

/**
 * Withdraws a person's consent to every version of a text. What was recorded stays, with the time of
 * the withdrawal.
 * @throws MyKeyError `ppid-not-found`, `consent-not-found`, `dependency-unavailable`
 */
export const withdrawConsent = (
  ports: ConsentPorts,
  serviceId: string,
  { ppid, document }: Pick<ConsentWish, 'ppid' | 'document'>,
): Promise<readonly Consent[]> =>
  change(ports, serviceId, ppid, (consents) => {
    const concerned = consents.filter((one) => one.kind === 'consent' && one.document === document);
    if (concerned.length === 0)
      throw new MyKeyError('consent-not-found', 'name a text to which the person consented here');
    if (concerned.every(({ withdrawnAt }) => withdrawnAt !== undefined)) return undefined;
    return consents.map((one) =>
      concerned.includes(one) && one.withdrawnAt === undefined
        ? { ...one, withdrawnAt: ports.now }
        : one,
    );
  });

/** @throws MyKeyError `ppid-not-found`, `dependency-unavailable` */
export async function readConsents(
  ports: RecordPorts,
  serviceId: string,
  ppid: string,
): Promise<readonly Consent[]> {
  return (await entryOf(ports, serviceId, ppid)).value.consents ?? [];
}

/** Undefined from `decide`: nothing changes. */
async function change(
  ports: ConsentPorts,
  serviceId: string,
  ppid: string,
  decide: (consents: readonly Consent[]) => readonly Consent[] | undefined,
): Promise<readonly Consent[]> {
  for (let round = 0; round < peopleLimits.raceRounds; round++) {
    const entry = await entryOf(ports, serviceId, ppid);
    const before = entry.value.consents ?? [];
    const consents = decide(before);
    if (consents === undefined) return before;
    const value: Entry = { ...entry.value, consents };
    const record = resealed(entry.record, await ports.keys.service(serviceId), value);
    if (await ports.store.write([{ change: 'replace', record, was: entry.token }])) return consents;
  }
  throw concurrentWrite('this person');
}

async function entryOf(
  ports: RecordPorts,
  serviceId: string,
  ppid: string,
): Promise<Opened<Entry>> {
  const person = await personOfPpid(ports, serviceId, ppid);
  const entry = person && (await entryOfPerson(ports, serviceId, person.value));
  if (entry === undefined) throw new MyKeyError('ppid-not-found', 'no such PPID');
  return entry;
}
