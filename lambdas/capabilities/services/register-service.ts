import { MyKeyError } from '../../errors.ts';
import { identifierFor } from '../../platform/http/identifier-for.ts';
import { readClientJwks } from './client-jwks.ts';
import { requireProofs } from './key-proofs.ts';
import { requirePledge, withPledge, type PledgeReceived } from './life-cycle.ts';
import { scopesGrantedTo } from './service-rights.ts';
import type { ServiceRegistry } from './service-registry.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { requireCounterForm } from './counter-terms.ts';
import type {
  Client,
  CounterTerms,
  Organisation,
  Service,
  ServiceStatus,
  ServiceType,
} from './service.ts';

export interface ServiceApplication {
  readonly organisation: { readonly name: string } | { readonly organisationId: string };
  readonly name: string;
  readonly type: ServiceType;
  readonly jwks: unknown;
  /** Scopes in addition to those of its type. */
  readonly grants?: readonly string[] | undefined;
  readonly status: ServiceStatus;
  readonly pledge?: PledgeReceived | undefined;
  readonly counter?: CounterTerms | undefined;
}

export interface RegistrationPorts {
  readonly registry: ServiceRegistry;
  /** Every scope of the API; a client gets those permitted to its service's type. */
  readonly scopes: readonly Scope[];
}

/**
 * Registers a service with its first client, and a new organisation unless one is given. Identifiers
 * are derived from the request token, so that a repetition finds what the first try created.
 * @throws MyKeyError `jwks-invalid`, `service-pledge-missing`, `organisation-not-found`, `organisation-exists`,
 * `service-exists`, `client-keys-used-up`, `client-key-taken`, `scope-unknown`,
 * `service-form-wrong`
 */
export async function registerService(
  { registry, scopes }: RegistrationPorts,
  application: ServiceApplication,
  requestToken: string,
  at: { readonly issuer: string; readonly now: number },
): Promise<{
  readonly service: Service;
  readonly client: Client;
  /** Keys of the JWK Set that were ignored: see `ClientJwks`. */
  readonly ignored: readonly string[];
}> {
  const read = readClientJwks(application.jwks);
  const { keys, ignored } = read;
  const { now } = at;
  const { type, status, name, counter, grants } = application;
  const pledges = withPledge(undefined, application.pledge, now);
  requirePledge(type, status, pledges);
  if (counter !== undefined) requireCounterForm(type);
  await requireProofs(read, { ...at, subject: name, known: [] });
  const newId = (kind: string): string => identifierFor(requestToken, kind);
  const organisation = await organisationOf(registry, application.organisation, newId);
  const serviceId = newId('svc');
  const client = {
    clientId: newId('cli'),
    serviceId,
    keys,
    scopes: scopesGrantedTo(type, scopes, grants),
  };
  const service: Service = {
    serviceId,
    organisationId: organisation.organisationId,
    name,
    type,
    status,
    sectorId: newId('sec'),
    clientIds: [client.clientId],
    ...(pledges === undefined ? {} : { pledges }),
    ...(counter === undefined ? {} : { counter }),
    createdAt: now,
    updatedAt: now,
  };
  const isNewOrganisation = 'name' in application.organisation;
  const made = await registry.register({ organisation, isNewOrganisation, service, client });
  if (made === 'registered') return { service, client, ignored };
  // A repetition of this request: returns the current state of what the first try created.
  return {
    service: (await registry.service(serviceId)) ?? service,
    client: (await registry.client(client.clientId)) ?? client,
    ignored,
  };
}

async function organisationOf(
  registry: ServiceRegistry,
  named: ServiceApplication['organisation'],
  newId: (kind: string) => string,
): Promise<Organisation> {
  if ('name' in named) return { organisationId: newId('org'), name: named.name };
  const found = await registry.organisation(named.organisationId);
  if (found === undefined) {
    throw new MyKeyError('organisation-not-found', 'register it by giving its name instead');
  }
  return found;
}
