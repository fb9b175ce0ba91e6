import { guard, type GuardedRoom } from './guarded-room.ts';

const people = (name: string): string => `lambdas/people/${name}.ts`;

const rights: GuardedRoom = {
  tests: ['test/people/rights.test.ts', 'test/capabilities/rights/handler.test.ts'],
  mutations: [
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

export const peopleRooms: readonly GuardedRoom[] = [rights, acts];
