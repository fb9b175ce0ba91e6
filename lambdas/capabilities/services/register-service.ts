import { randomBytes } from 'node:crypto';
import { MyKeyError } from '../../errors.ts';
import { parseClientJwks } from './client-jwks.ts';
import { requirePledge } from './life-cycle.ts';
import { scopesGrantedTo } from './service-rights.ts';
import type { ServiceRegistry } from './service-registry.ts';
import type { Scope } from '../../platform/http/scope.ts';
import type { Client, Organisation, Service, ServiceStatus, ServiceType } from './service.ts';

export interface ServiceApplication {
  readonly organisation: { readonly name: string } | { readonly organisationId: string };
  readonly name: string;
  readonly type: ServiceType;
  readonly jwks: unknown;
  readonly status: ServiceStatus;
  readonly pledgedAt?: number | undefined;
}

export interface RegistrationPorts {
  readonly registry: ServiceRegistry;
  /** Every scope of the API; a client gets those of its service's form. */
  readonly scopes: readonly Scope[];
}

/**
 * Registers a service with its first client, and its organisation unless that exists.
 * @throws MyKeyError `jwks-invalid`, `service-pledge-missing`, `organisation-not-found`, `service-exists`
 */
export async function registerService(
  { registry, scopes }: RegistrationPorts,
  application: ServiceApplication,
  now: number,
): Promise<{ readonly service: Service; readonly client: Client }> {
  const keys = parseClientJwks(application.jwks);
  const { type, status, name, pledgedAt } = application;
  requirePledge(type, status, pledgedAt);
  const organisation = await organisationOf(registry, application.organisation);
  const serviceId = newId('svc');
  const client: Client = {
    clientId: newId('cli'),
    serviceId,
    keys,
    scopes: scopesGrantedTo(type, scopes),
  };
  const service: Service = {
    serviceId,
    organisationId: organisation.organisationId,
    name,
    type,
    status,
    sectorId: newId('sec'),
    clientIds: [client.clientId],
    ...(pledgedAt === undefined ? {} : { pledgedAt }),
    createdAt: now,
    updatedAt: now,
  };
  await registry.register({
    organisation,
    isNewOrganisation: 'name' in application.organisation,
    service,
    client,
  });
  return { service, client };
}

async function organisationOf(
  registry: ServiceRegistry,
  named: ServiceApplication['organisation'],
): Promise<Organisation> {
  if ('name' in named) return { organisationId: newId('org'), name: named.name };
  const found = await registry.organisation(named.organisationId);
  if (found === undefined) {
    throw new MyKeyError('organisation-not-found', 'register it by giving its name instead');
  }
  return found;
}

/** 128 random bits; the prefix is for people. */
const newId = (kind: string): string => `${kind}_${randomBytes(16).toString('base64url')}`;
