import { MyKeyError } from '../../errors.ts';
import type { Service, ServiceStatus, ServiceType } from './service.ts';

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
  /** Type 1: time of receipt of the confidentiality pledge, in milliseconds since 1970. */
  readonly pledgedAt?: number | undefined;
}

/**
 * The service after a transition; a transition to the current state changes nothing.
 * @throws MyKeyError `service-transition-invalid`, `service-pledge-missing`
 */
export function changeStatus(service: Service, step: StatusStep, now: number): Service {
  const pledgedAt = step.pledgedAt ?? service.pledgedAt;
  if (step.status !== service.status && !steps[service.status].includes(step.status)) {
    throw new MyKeyError(
      'service-transition-invalid',
      `from ${service.status} a service can become: ${steps[service.status].join(', ') || 'nothing'}`,
    );
  }
  requirePledge(service.type, step.status, pledgedAt);
  return {
    ...service,
    status: step.status,
    ...(pledgedAt === undefined ? {} : { pledgedAt }),
    updatedAt: now,
  };
}

/** Type 1 discloses the four attributes: without the pledge the service stays in `applied`. */
export function requirePledge(
  type: ServiceType,
  status: ServiceStatus,
  pledgedAt: number | undefined,
): void {
  const bound = status === 'testing' || status === 'active';
  if (type === 'type1' && bound && pledgedAt === undefined) {
    throw new MyKeyError(
      'service-pledge-missing',
      'record when the pledge was received: pledgedAt',
    );
  }
}
