import { randomBytes } from 'node:crypto';
import { MyKeyError } from '../errors.ts';
import { concurrentWrite } from './concurrent-write.ts';
import type { CorrectionWish } from './corrections.ts';
import { behalfKey, behalfPartition, behalfPrefix } from './layout.ts';
import { openWith, resealed, type Opened, type RecordPorts } from './records.ts';
import type { RightsAct } from './rights.ts';
import { expiryAfter, type Retention } from './retention.ts';
import { seal, versionOf } from './seal.ts';

/** A request by a guardian or agent, which two operators handle. */
export interface BehalfRequest {
  readonly requestId: string;
  readonly act: RightsAct;
  /** What is to be corrected, where that is asked for. */
  readonly correction?: CorrectionWish;
  readonly subjectId: string;
  readonly basis: 'guardian' | 'agent';
  /** Where the operator filed the papers: no name, no number of a person. */
  readonly fileReference: string;
  /** The operator who took the request. */
  readonly requestedBy: string;
  /** Milliseconds since 1970. */
  readonly requestedAt: number;
  readonly approval?: { readonly by: string; readonly at: number };
}

interface BehalfPorts extends RecordPorts {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly retention: Retention;
}

/** Records a request; nothing happens before another operator approves it. */
export async function requestOnBehalf(
  ports: BehalfPorts,
  request: Omit<BehalfRequest, 'requestId' | 'requestedAt' | 'approval'>,
): Promise<BehalfRequest> {
  const requestId = randomBytes(16).toString('base64url');
  const value: BehalfRequest = { ...request, requestId, requestedAt: ports.now };
  const key = behalfKey(requestId);
  const sealed = seal(await ports.keys.index(), key, value);
  const expiresAt = expiryAfter(ports.now, ports.retention.openRequestsMs);
  await ports.store.write([{ change: 'create', record: { ...key, sealed, expiresAt } }]);
  return value;
}

/**
 * Approves a request: records the approval, then executes the request. An interrupted call is
 * repeated; executing a request again changes nothing.
 * @param approver not the operator who took the request
 * @throws MyKeyError `rights-request-not-found`; `second-operator-needed`: the same operator;
 *   `dependency-unavailable`
 */
export async function approveOnBehalf(
  ports: BehalfPorts,
  requestId: string,
  approver: string,
): Promise<BehalfRequest> {
  const found = await readBehalf(ports, requestId);
  if (found === undefined)
    throw new MyKeyError(
      'rights-request-not-found',
      'list the open requests: there is no such one',
    );
  const { value } = found;
  if (value.requestedBy === approver)
    throw new MyKeyError(
      'second-operator-needed',
      'let another operator approve: this one took the request',
    );
  if (value.approval !== undefined) {
    if (value.approval.by === approver) return value;
    throw new MyKeyError(
      'rights-request-not-found',
      'list the open requests: this one is approved',
    );
  }
  const approved: BehalfRequest = { ...value, approval: { by: approver, at: ports.now } };
  const content = resealed(found.record, await ports.keys.index(), approved);
  const expiresAt = expiryAfter(ports.now, ports.retention.decidedRequestsMs);
  const record = { ...content, expiresAt };
  if (await ports.store.write([{ change: 'replace', record, was: found.token }])) return approved;
  throw concurrentWrite('this request');
}

async function readBehalf(
  { store, keys }: RecordPorts,
  requestId: string,
): Promise<Opened<BehalfRequest> | undefined> {
  const record = await store.read(behalfKey(requestId));
  return record && openWith(record, await keys.index(versionOf(record.sealed)));
}

/** Requests, open and approved. A person's deletion removes those about the person. */
export async function listBehalf({
  store,
  keys,
}: RecordPorts): Promise<readonly Opened<BehalfRequest>[]> {
  const found = await store.list(behalfPartition, behalfPrefix);
  return Promise.all(
    found.map(async (record) =>
      openWith<BehalfRequest>(record, await keys.index(versionOf(record.sealed))),
    ),
  );
}
