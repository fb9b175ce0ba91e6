import { MyKeyError } from '../errors.ts';
import {
  readEntry,
  readPpidOwner,
  readStanding,
  type Entry,
  type Opened,
  type RecordPorts,
  type Standing,
} from './records.ts';
import { peopleLimits } from './limits.ts';

/** The subject that a subject was merged into, or itself. Undefined: deleted. */
export async function livingSubject(
  ports: RecordPorts,
  subjectId: string,
): Promise<Opened<Standing> | undefined> {
  let standing = await readStanding(ports, subjectId);
  for (let merges = 0; standing?.value.mergedInto !== undefined; merges++) {
    if (merges === peopleLimits.merges)
      throw new MyKeyError('internal-error', 'merged without an end');
    standing = await readStanding(ports, standing.value.mergedInto);
  }
  return standing;
}

/** The person whom a service knows by a PPID; another service's PPID finds nobody. */
export async function personOfPpid(
  ports: RecordPorts,
  serviceId: string,
  ppid: string,
): Promise<Opened<Standing> | undefined> {
  const owner = await readPpidOwner(ports, serviceId, ppid);
  return owner && livingSubject(ports, owner.value.subjectId);
}

/** What a service has of a person: of the subject itself, else of one that was merged into it. */
export async function entryOfPerson(
  ports: RecordPorts,
  serviceId: string,
  { subjectId, formerly = [] }: Standing,
): Promise<Opened<Entry> | undefined> {
  for (const subject of [subjectId, ...formerly]) {
    const entry = await readEntry(ports, serviceId, subject);
    if (entry !== undefined) return entry;
  }
  return undefined;
}
