import { MyKeyError } from '../../errors.ts';
import { readClientJwks, type ClientJwks } from './client-jwks.ts';
import { requireProofs } from './key-proofs.ts';
import { requireAttributesForm, requireCounterForm } from './counter-terms.ts';
import { changeStatus, type StatusStep } from './life-cycle.ts';
import type { RegistrationPorts } from './register-service.ts';
import { scopesGrantedTo } from './service-rights.ts';
import type { ServiceRegistry } from './service-registry.ts';
import type {
  Client,
  CounterTerms,
  EncryptionKey,
  Organisation,
  Service,
  ServiceForm,
} from './service.ts';

export interface CallingService {
  readonly serviceId: string;
  readonly serviceType: ServiceForm;
}

export interface RegisteredService {
  readonly service: Service;
  readonly client: Client;
}

/** @throws MyKeyError `service-not-found` */
export async function readService(
  registry: ServiceRegistry,
  caller: CallingService,
  serviceId: string,
): Promise<RegisteredService> {
  const service = await existing(registry, caller, serviceId);
  return { service, client: await clientOf(registry, service) };
}

/**
 * Moves a service to another state of its life cycle. A client registered before usage keys existed
 * gets one now.
 * @throws MyKeyError `service-not-found`, `service-transition-invalid`, `service-pledge-missing`,
 *   `client-keys-used-up`
 */
export async function moveService(
  registry: ServiceRegistry,
  caller: CallingService,
  serviceId: string,
  step: StatusStep,
  now: number,
): Promise<RegisteredService & { readonly before: Service }> {
  const before = await existing(registry, caller, serviceId);
  const service = changeStatus(before, step, now);
  const client = await clientOf(registry, service);
  if (client.usageKey === undefined && service.status !== 'retired')
    await registry.drawUsageKey(client.clientId);
  await registry.replaceService(before, service);
  return { before, service, client };
}

/**
 * Replaces the public keys of a service's client after proof of possession of each new key. A
 * retired service is final and accepts none.
 * @throws MyKeyError `service-not-found`, `service-transition-invalid`, `jwks-invalid`,
 *   `client-key-taken`
 */
export async function replaceClientKeys(
  registry: ServiceRegistry,
  caller: CallingService,
  serviceId: string,
  jwks: unknown,
  at: { readonly issuer: string; readonly now: number },
): Promise<ClientJwks> {
  const service = await existing(registry, caller, serviceId);
  if (service.status === 'retired') {
    throw new MyKeyError('service-transition-invalid', 'the service is retired');
  }
  const read = readClientJwks(jwks);
  const { keys: known } = await clientOf(registry, service);
  await requireProofs(read, { ...at, subject: serviceId, known });
  await registry.replaceKeys(service.clientIds[0]!, read.keys);
  return read;
}

/**
 * Gives a service's client the scopes of its form, and those that the operator grants beside: the whole
 * set, also for a client that was registered under older rules. Without a number of serials a day, the
 * deployment's is in force.
 * @throws MyKeyError `service-not-found`, `scope-unknown`, `service-transition-invalid`
 */
export async function changeGrants(
  { registry, scopes }: RegistrationPorts,
  caller: CallingService,
  serviceId: string,
  {
    grants,
    checkedIdentifiersPerDay,
  }: {
    readonly grants: readonly string[];
    readonly checkedIdentifiersPerDay?: number | undefined;
  },
  now: number,
): Promise<RegisteredService> {
  const { service: before, client } = await readService(registry, caller, serviceId);
  const granted = scopesGrantedTo(before.type, scopes, grants);
  const { checkedIdentifiersPerDay: former, ...rest } = before;
  const service: Service = {
    ...rest,
    ...(checkedIdentifiersPerDay && { checkedIdentifiersPerDay }),
    updatedAt: Math.max(now, before.updatedAt + 1),
  };
  const isSame = checkedIdentifiersPerDay === former;
  if (!isSame) await registry.replaceService(before, service);
  await registry.replaceScopes(client.clientId, granted);
  return { service: isSame ? before : service, client: { ...client, scopes: granted } };
}

/**
 * Replaces what a service registered for its counters: its terms or, Type 1 only, its encryption key.
 * @throws MyKeyError `service-not-found`, `service-form-wrong`, `service-transition-invalid`
 */
export async function changeCounter(
  registry: ServiceRegistry,
  caller: CallingService,
  serviceId: string,
  change: { readonly counter: CounterTerms } | { readonly encryptionKey: EncryptionKey },
  now: number,
): Promise<RegisteredService> {
  const before = await existing(registry, caller, serviceId);
  if ('encryptionKey' in change) requireAttributesForm(before.type);
  else requireCounterForm(before.type);
  if (before.status === 'retired') {
    throw new MyKeyError('service-transition-invalid', 'the service is retired');
  }
  const service: Service = { ...before, ...change, updatedAt: Math.max(now, before.updatedAt + 1) };
  await registry.replaceService(before, service);
  return { service, client: await clientOf(registry, service) };
}

export interface ListedService {
  readonly service: Service;
  readonly organisation: Organisation;
}

/** A page of services with their organisations: the operator sees all, a client its own. */
export async function listServices(
  registry: ServiceRegistry,
  caller: CallingService,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ readonly listed: readonly ListedService[]; readonly next?: string }> {
  const { services, ...rest } =
    caller.serviceType === 'operator'
      ? await registry.list(page.after, page.limit)
      : { services: [await existing(registry, caller, caller.serviceId)] };
  const listed = services.map(async (service) => {
    const { organisationId } = service;
    const found = await registry.organisation(organisationId);
    return { service, organisation: found ?? { organisationId, name: '' } };
  });
  return { listed: await Promise.all(listed), ...rest };
}

/** A client sees only its own service; other services are reported as not found. */
async function existing(
  registry: ServiceRegistry,
  caller: CallingService,
  serviceId: string,
): Promise<Service> {
  const isTheirs = caller.serviceType === 'operator' || caller.serviceId === serviceId;
  const service = isTheirs ? await registry.service(serviceId) : undefined;
  if (service === undefined) throw new MyKeyError('service-not-found', 'no such service');
  return service;
}

/** Each service has one client at present; the record allows more. */
async function clientOf(registry: ServiceRegistry, { clientIds }: Service): Promise<Client> {
  const client = await registry.client(clientIds[0]!);
  if (client === undefined) throw new MyKeyError('internal-error', 'a service without client');
  return client;
}
