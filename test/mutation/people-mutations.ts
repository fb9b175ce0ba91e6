import { guard, type GuardedRoom } from './guarded-room.ts';

const people = (name: string): string => `lambdas/people/${name}.ts`;
const tellOfRevocations = 'lambdas/capabilities/events/tell-of-revocations.ts';

const persons: GuardedRoom = {
  tests: [
    'test/people/lifetime.test.ts',
    'test/people/suspended.test.ts',
    'test/people/identifiers.test.ts',
    'test/people/operator-acts.test.ts',
    'test/people/links.test.ts',
    'test/people/seal.test.ts',
  ],
  mutations: [
    // A known login asks for the subject's standing here, a new one below: the rule stands twice.
    guard(people('identify-person'), 'if (standing.value.suspended)', 'if (false)'),
    guard(people('identify-person'), 'if (person?.value.suspended)', 'if (false)'),
    guard(people('identify-person'), 'if (subjects[0] === subjects[1]) return true;', ''),
    guard(
      people('identify-person'),
      'seenAt: ports.now, }); return false;',
      'seenAt: ports.now, }); return true;',
    ),
    guard(
      people('renewal-line'),
      'while (links.length <= peopleLimits.renewals) {',
      'while (links.length <= 99) {',
    ),
    guard(
      people('ppid'),
      "'my-key-platform/ppid', sectorId, subjectId",
      "'my-key-platform/ppid', subjectId",
    ),
    guard(people('seal'), 'pk, sk, part, header', 'pk, sk, header'),
    guard(people('seal'), 'pk, sk, part, header', 'part, header'),
    guard(
      people('operator-acts'),
      'suspensionOf(kept.value, absorbed.value)',
      'suspensionOf(kept.value)',
    ),
    guard(
      people('operator-acts'),
      'if (subjectId === former) impossible(',
      'if (false) impossible(',
    ),
    guard(people('links'), 'if (isTaken) throw taken();', ''),
    guard(
      people('links'),
      "if (former !== undefined) { throw new MyKeyError( 'person-already-linked'",
      "if (false) { throw new MyKeyError( 'person-already-linked'",
    ),
    guard(people('links'), 'if (found?.value.link !== undefined) throw taken();', ''),
    guard(
      people('links'),
      "if (found === undefined || isOver(found, ports.now)) { throw new MyKeyError( 'user-number-not-awaited'",
      "if (false) { throw new MyKeyError( 'user-number-not-awaited'",
    ),
    guard(
      people('links'),
      "if (found === undefined || isOver(found, ports.now)) { throw new MyKeyError( 'user-number-not-awaited'",
      "if (found === undefined) { throw new MyKeyError( 'user-number-not-awaited'",
    ),
  ],
};

const acts: GuardedRoom = {
  tests: [
    'test/people/operator-acts.test.ts',
    'test/people/corrections.test.ts',
    'test/capabilities/persons/handler.test.ts',
  ],
  mutations: [
    guard(
      people('operator-acts'),
      'if (formerly.length > peopleLimits.mergedRecords)',
      'if (false)',
    ),
    guard(people('operator-acts'), 'if (!leaving.some(isCard))', 'if (false)'),
    guard(
      people('operator-acts'),
      'if (!history.some((one) => isCard(one) && !leaving.includes(one))) {',
      'if (false) {',
    ),
    guard(people('proposed-acts'), 'named.some((subject) => !subjects.includes(subject)) || ', ''),
    guard(people('proposed-acts'), '|| named[0] === named[1]', ''),
    guard(
      people('proposed-acts'),
      'if (certificates.some((one) => one.subjectId !== subjectId)) {',
      'if (false) {',
    ),
    guard(people('proposed-acts'), 'if (value.operator === approvedBy) {', 'if (false) {'),
    guard(people('proposed-acts'), 'if (value.done !== undefined) return value;', ''),
    guard(people('proposed-acts'), '|| found.value.until <= now', ''),
    guard(people('operator-handles'), 'if (until < now) throw invalid();', ''),
    guard(people('operator-handles'), '|| !keys.versions.includes(version)', ''),
    guard(people('flags'), 'if (new Set(subjects).size < subjects.length) {', 'if (false) {'),
    guard(people('flags'), 'if (flag.value.settled !== undefined) return flag.value;', ''),
  ],
};

const corrections: GuardedRoom = {
  tests: ['test/people/corrections.test.ts', 'test/people/my-key-id-records.test.ts'],
  mutations: [
    guard(
      people('corrections'),
      'if (proposal.operator === approvedBy)',
      'if (proposal.operator === undefined)',
    ),
    guard(
      people('corrections'),
      'if (named !== undefined && (await entryOfPerson(ports, named, standing)) === undefined)',
      'if (named === "")',
    ),
    guard(people('corrections'), 'length >= peopleLimits.openCorrections)', 'length < 0)'),
    guard(
      people('corrections'),
      "if (isOfService) impossible('pass it",
      "if (false) impossible('pass it",
    ),
    guard(
      people('corrections'),
      "if (outcome === 'passed-to-service' && !isOfService)",
      'if (false)',
    ),
    guard(people('corrections'), "kind === 'split' && at >= requestedAt", 'at >= 0 || kind'),
    guard(
      people('corrections'),
      "if (proposal.outcome === 'passed-to-service') await",
      'if (false) await',
    ),
    guard(people('sweep-expired'), 'endOf(value, retention) <= now', 'endOf(value, retention) < 0'),
    guard(people('sweep-expired'), 'place.value)) === undefined', 'place.value)) !== undefined'),
    guard(people('sweep-expired'), '!timeIsUp() && ', ''),
    guard(people('retention'), 'Math.ceil((now + keptMs) / dayMs) * dayMs', '(now + keptMs)'),
    guard(people('disclosure'), '...(proposal && decided && {', '...(proposal && {'),
    guard(
      people('my-key-id-records'),
      'if (inForce !== undefined) return inForce;',
      'if (false) return inForce!;',
    ),
  ],
};

const rights: GuardedRoom = {
  tests: [
    'test/people/rights.test.ts',
    'test/people/announcements.test.ts',
    'test/capabilities/events/tell-of-revocations.test.ts',
    'test/capabilities/rights/handler.test.ts',
  ],
  mutations: [
    guard(
      people('rights'),
      'isByOperator(deletion?.before ?? standing)) return',
      'standing.suspended) return',
    ),
    guard(people('rights'), 'isByOperator(deletion?.before ?? standing)', 'isByOperator(standing)'),
    guard(
      people('rights'),
      "if (by === 'person' && isByOperator(standing))",
      "if (by === 'person' && !standing.suspended)",
    ),
    guard(people('announcements'), 'formerly.slice(0, formerly.indexOf(absorbed))', 'formerly'),
    guard(
      tellOfRevocations,
      'held?.superseded === false && (held.certificate',
      'held !== undefined && (held.certificate',
    ),
    guard(tellOfRevocations, ' && (held.certificate.validUntil ?? 0) > ports.now;', ';'),
    guard(people('behalf'), 'if (value.requestedBy === approver)', 'if (false)'),
    guard(people('behalf'), 'if (value.approval !== undefined) {', 'if (false) {'),
    guard(people('behalf'), 'if (value.approval.by === approver) return value;', 'return value;'),
    guard(
      people('rights'),
      "by === 'person' || isByOperator(deletion?.before ?? standing)",
      'true',
    ),
    guard(
      people('rights'),
      "by === 'person' || isByOperator(deletion?.before ?? standing)",
      'isByOperator(deletion?.before ?? standing)',
    ),
    guard(people('rights'), 'if (!standing.suspended) return undefined;', ''),
    guard(
      people('rights'),
      'if (standing.deletion !== undefined) impossible(',
      'if (false) impossible(',
    ),
    guard(people('rights'), "if (by === 'person' && isByOperator(standing))", 'if (false)'),
    guard(people('rights'), "suspended && suspension?.by !== 'person'", 'suspended && false'),
    guard(people('rights'), 'if (standing.deletion !== undefined) return undefined;', ''),
    guard(
      people('rights'),
      'if (deletion === undefined) impossible(',
      'if (!deletion) return undefined; if (false) impossible(',
    ),
    guard(people('rights'), 'deletion.begun || deletion.dueAt <= ports.now', 'deletion.begun'),
    guard(people('rights'), 'suspended: true, deletion: { requestedAt', 'deletion: { requestedAt'),
    guard(people('erase-person'), 'if (isMine && deletion.dueAt > ports.now) continue;', ''),
    guard(
      people('erase-person'),
      'if (deletion !== undefined && !deletion.begun) {',
      'if (false) {',
    ),
    guard(
      people('erase-person'),
      'flag.value.subjects.some((subject) => subjects.includes(subject))',
      'false',
    ),
    guard(
      people('erase-person'),
      'flag.value.subjects.some((subject) => subjects.includes(subject))',
      'true',
    ),
    guard(people('erase-person'), 'if (subjects.includes(request.value.subjectId))', 'if (false)'),
    guard(
      people('erase-person'),
      'if (subjectsOf(proposal.value.act).some((subject) => subjects.includes(subject)))',
      'if (false)',
    ),
  ],
};

export const peopleRooms: readonly GuardedRoom[] = [persons, acts, corrections, rights];
