import { MyKeyError } from '../../errors.ts';
import type { Pledge, Service, ServiceStatus, ServiceType } from './service.ts';

/**
 * applied → testing → active ⇄ suspended → retired; retirement is possible from every earlier
 * state.
 */
const steps: Readonly<Record<ServiceStatus, readonly ServiceStatus[]>> = {
  applied: ['testing', 'retired'],
  testing: ['active', 'retired'],
  active: ['suspended', 'retired'],
  suspended: ['active', 'retired'],
  retired: [],
};

export interface StatusStep {
  readonly status: ServiceStatus;
  /** Type 1: a confidentiality pledge that was received. */
  readonly pledge?: PledgeReceived | undefined;
}

export type PledgeReceived = Omit<Pledge, 'recordedAt'>;

/**
 * The service after a transition; a transition to the current state changes nothing.
 * @throws MyKeyError `service-transition-invalid`, `service-pledge-missing`
 */
export function changeStatus(service: Service, step: StatusStep, now: number): Service {
  const pledges = withPledge(service.pledges, step.pledge, now);
  if (step.status !== service.status && !steps[service.status].includes(step.status)) {
    throw new MyKeyError(
      'service-transition-invalid',
      `from ${service.status} a service can become: ${steps[service.status].join(', ') || 'nothing'}`,
    );
  }
  requirePledge(service.type, step.status, pledges);
  return {
    ...service,
    status: step.status,
    ...(pledges === undefined ? {} : { pledges }),
    updatedAt: now,
  };
}

/** Adds a pledge to those on record; a repetition of the newest adds nothing. */
export function withPledge(
  pledges: readonly Pledge[] | undefined,
  received: PledgeReceived | undefined,
  now: number,
): readonly Pledge[] | undefined {
  if (received === undefined) return pledges;
  const newest = pledges?.at(-1);
  const isRepeated =
    newest?.documentSha256 === received.documentSha256 &&
    newest.version === received.version &&
    newest.signerRole === received.signerRole &&
    newest.signedOn === received.signedOn;
  return isRepeated ? pledges : [...(pledges ?? []), { ...received, recordedAt: now }];
}

/** Type 1 discloses the four attributes: without the pledge the service stays in `applied`. */
export function requirePledge(
  type: ServiceType,
  status: ServiceStatus,
  pledges: readonly Pledge[] | undefined,
): void {
  const bound = status === 'testing' || status === 'active';
  if (type === 'type1' && bound && pledges === undefined) {
    throw new MyKeyError(
      'service-pledge-missing',
      'record the pledge: pledge, with the digest of the document, its version, the signer’s role and the date',
    );
  }
}
