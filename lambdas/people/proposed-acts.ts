import { MyKeyError } from '../errors.ts';
import { livingSubject } from './find-person.ts';
import { readFlag } from './flags.ts';
import type { ListPage } from './identity-store.ts';
import { proposalKey, proposalPartition, proposalPrefix } from './layout.ts';
import { peopleLimits } from './limits.ts';
import { mergeSubjects, splitSubject, type ActPorts, type OperatorAct } from './operator-acts.ts';
import { openCertificateHandle, openPersonHandle } from './operator-handles.ts';
import { openWith, resealed, type Opened, type RecordPorts } from './records.ts';
import { expiryAfter } from './retention.ts';
import { seal, versionOf } from './seal.ts';

/**
 * An act that one operator proposed. It cannot be undone, so a second operator performs it. The
 * handles were opened when it was proposed: what the second operator approves is what the first
 * meant.
 */
export interface ProposedAct {
  readonly actId: string;
  readonly flagId: string;
  readonly act: ActWish;
  /** The proposer's client key. */
  readonly operator: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly until: number;
  /** Set once performed. */
  readonly done?: Done;
}

export type ActWish =
  | { readonly kind: 'merge'; readonly keep: string; readonly absorb: string }
  | { readonly kind: 'split'; readonly person: string; readonly held: readonly string[] };

interface Done {
  readonly at: number;
  readonly approvedBy: string;
  /** Number of services that the act concerns, and that are told of it. */
  readonly services: number;
}

/** What an operator names by handles. */
export type Proposal = {
  readonly actId: string;
  readonly flagId: string;
  readonly operator: string;
  readonly reason: string;
} & (
  | { readonly kind: 'merge'; readonly keep: string; readonly absorb: string }
  | { readonly kind: 'split'; readonly person: string; readonly certificates: readonly string[] }
);

/**
 * Keeps a proposal. A repetition with the same id returns the first.
 * @throws MyKeyError `flag-not-found`, `handle-invalid`; `identity-act-impossible`: the handles do
 *   not belong to the flag's persons
 */
export async function proposeAct(ports: ActPorts, proposal: Proposal): Promise<ProposedAct> {
  const { actId, flagId, operator, reason } = proposal;
  const { value: flag } = await readFlag(ports, flagId);
  const act = await opened(ports, proposal);
  const concerned = await Promise.all(flag.subjects.map((one) => livingSubject(ports, one)));
  const subjects = concerned.map((one) => one?.value.subjectId);
  const named = subjectsOf(act);
  if (named.some((subject) => !subjects.includes(subject)) || named[0] === named[1]) {
    throw new MyKeyError(
      'identity-act-impossible',
      'name the persons of this flag, each by its own handle',
    );
  }
  const { now } = ports;
  const until = now + peopleLimits.proposalMs;
  const value: ProposedAct = { actId, flagId, act, operator, reason, at: now, until };
  const key = proposalKey(actId);
  const sealed = seal(await ports.keys.index(), key, value);
  const record = { ...key, sealed, expiresAt: expiryAfter(now, peopleLimits.proposalMs) };
  if (await ports.store.write([{ change: 'create', record }])) return value;
  return (await readProposal(ports, actId)).value;
}

/** The subjects that a wish names. */
export const subjectsOf = (act: ActWish): readonly string[] =>
  act.kind === 'merge' ? [act.keep, act.absorb] : [act.person];

async function opened(ports: ActPorts, proposal: Proposal): Promise<ActWish> {
  if (proposal.kind === 'merge') {
    const [keep, absorb] = await Promise.all([
      openPersonHandle(ports, proposal.keep),
      openPersonHandle(ports, proposal.absorb),
    ]);
    return { kind: 'merge', keep: keep.subjectId, absorb: absorb.subjectId };
  }
  const [{ subjectId }, ...certificates] = await Promise.all([
    openPersonHandle(ports, proposal.person),
    ...proposal.certificates.map((handle) => openCertificateHandle(ports, handle)),
  ]);
  if (certificates.some((one) => one.subjectId !== subjectId)) {
    throw new MyKeyError('identity-act-impossible', 'name certificates of this person only');
  }
  return { kind: 'split', person: subjectId, held: certificates.map(({ held }) => held) };
}

/**
 * Performs a proposed act; the proposal, the act and the flag change in one transaction, so that a
 * repetition after an interruption either finds it done or does it.
 * @throws MyKeyError `act-not-found`: unknown or expired; `second-operator-needed`: the proposer's own
 *   key; `identity-act-impossible`, `dependency-unavailable`
 */
export async function approveAct(
  ports: ActPorts,
  actId: string,
  approvedBy: string,
): Promise<ProposedAct> {
  const proposal = await readProposal(ports, actId);
  const { value } = proposal;
  if (value.operator === approvedBy) {
    throw new MyKeyError(
      'second-operator-needed',
      'have another operator approve it with a key of their own',
    );
  }
  if (value.done !== undefined) return value;
  const { act, flagId, operator, reason } = value;
  const index = await ports.keys.index();
  const doneAs = ({ services }: OperatorAct): ProposedAct => ({
    ...value,
    done: { at: ports.now, approvedBy, services: services.length },
  });
  const because = {
    operator,
    reason,
    approvedBy,
    actId,
    flagId,
    also: (performed: OperatorAct) => [
      {
        change: 'replace',
        record: resealed(proposal.record, index, doneAs(performed)),
        was: proposal.token,
      } as const,
    ],
  };
  const performed =
    act.kind === 'merge'
      ? await mergeSubjects({ keep: act.keep, absorb: act.absorb, ...because }, ports)
      : await splitSubject({ person: act.person, held: act.held, ...because }, ports);
  return doneAs(performed);
}

export interface ProposalPage {
  readonly proposals: readonly ProposedAct[];
  /** The id that the next page follows; undefined on the last page. */
  readonly next?: string;
}

/** Proposals that wait for a second operator, and those performed in the last days. */
export async function listProposals(
  { store, keys, now }: RecordPorts & { readonly now: number },
  page: ListPage,
): Promise<ProposalPage> {
  const all = (await allProposals({ store, keys }, page)).map(({ value }) => value);
  return {
    proposals: all.filter(({ until }) => until > now),
    ...(all.length === page.limit && { next: all.at(-1)!.actId }),
  };
}

/** Proposals of any state, or a page of them: also those that have expired and are not deleted yet. */
export async function allProposals(
  { store, keys }: RecordPorts,
  page?: ListPage,
): Promise<readonly Opened<ProposedAct>[]> {
  const found = await store.list(proposalPartition, proposalPrefix, page);
  return Promise.all(
    found.map(async (record) =>
      openWith<ProposedAct>(record, await keys.index(versionOf(record.sealed))),
    ),
  );
}

/** DynamoDB deletes an expired record some time after its expiry. */
async function readProposal(
  { store, keys, now }: ActPorts,
  actId: string,
): Promise<Opened<ProposedAct>> {
  const record = await store.read(proposalKey(actId));
  const found = record && openWith<ProposedAct>(record, await keys.index(versionOf(record.sealed)));
  if (found === undefined || found.value.until <= now) {
    throw new MyKeyError('act-not-found', 'propose the act again: none of this id waits');
  }
  return found;
}
