import { rfc3339 } from '../../pki/rfc3339.ts';
import { readClientJwks } from './client-jwks.ts';
import { changeStatus } from './life-cycle.ts';
import { registerService, type RegistrationPorts } from './register-service.ts';
import { MyKeyError } from '../../errors.ts';
import type { Client, Service } from './service.ts';
import type { Caller } from '../../platform/http/operation-call.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import * as schemas from './contract.ts';

export function servicesHandler(ports: RegistrationPorts, settings: HttpSettings) {
  const { registry } = ports;
  /** A client sees its own service; of others it is not told that they exist. */
  const existing = async (serviceId: string, caller: Caller): Promise<Service> => {
    const isTheirs = caller.serviceType === 'operator' || caller.serviceId === serviceId;
    const service = isTheirs ? await registry.service(serviceId) : undefined;
    if (service === undefined) throw new MyKeyError('service-not-found', 'no such service');
    return service;
  };
  /** Each service has one client so far; the record leaves room for more. */
  const clientOf = async ({ clientIds }: Service): Promise<Client> => {
    const client = await registry.client(clientIds[0]!);
    if (client === undefined) throw new MyKeyError('internal-error', 'a service without client');
    return client;
  };

  const create = operationHandler(
    schemas.createService,
    async ({ body, requestToken, now, note }) => {
      const pledgedAt = optionalTime(body.pledgedAt);
      const { service, client, ignored } = await registerService(
        ports,
        { ...body, pledgedAt },
        requestToken,
        now,
      );
      note({ registered: service.serviceId, type: service.type, state: service.status });
      return {
        status: 201,
        body: { ...serviceJson(service, client), ...named({ ignoredKeys: ignored }) },
      };
    },
    settings,
  );

  const read = operationHandler(
    schemas.getService,
    async ({ path, caller }) => {
      const service = await existing(path.serviceId, caller);
      return { status: 200, body: serviceJson(service, await clientOf(service)) };
    },
    settings,
  );

  const list = operationHandler(
    schemas.listServices,
    async ({ query, caller }) => {
      const page =
        caller.serviceType === 'operator'
          ? await registry.list(query.cursor, Number(query.limit ?? 50))
          : { services: [await existing(caller.serviceId, caller)] };
      const listed = page.services.map(
        async ({ serviceId, name, type, status, organisationId }) => {
          const organisation = {
            organisationId,
            name: '',
            ...(await registry.organisation(organisationId)),
          };
          return { serviceId, name, type, status, organisation };
        },
      );
      const next = 'next' in page ? page.next : undefined;
      const body = { services: await Promise.all(listed), ...(next !== undefined && { next }) };
      return { status: 200, body };
    },
    settings,
  );

  const change = operationHandler(
    schemas.changeServiceStatus,
    async ({ path, caller, body, now, note }) => {
      const before = await existing(path.serviceId, caller);
      const pledgedAt = optionalTime(body.pledgedAt);
      const after = changeStatus(before, { status: body.status, pledgedAt }, now);
      await registry.replaceService(before, after);
      note({ changed: before.serviceId, from: before.status, to: after.status });
      return { status: 200, body: serviceJson(after, await clientOf(after)) };
    },
    settings,
  );

  const readJwks = operationHandler(
    schemas.getServiceJwks,
    async ({ path, caller }) => {
      const { keys } = await clientOf(await existing(path.serviceId, caller));
      return { status: 200, body: { keys } };
    },
    settings,
  );

  const replaceJwks = operationHandler(
    schemas.replaceServiceJwks,
    async ({ path, caller, body, note }) => {
      const service = await existing(path.serviceId, caller);
      if (service.status === 'retired') {
        throw new MyKeyError('service-transition-invalid', 'the service is retired');
      }
      const { keys, ignored } = readClientJwks(body);
      await registry.replaceKeys(service.clientIds[0]!, keys);
      note({ changed: service.serviceId, keys: keys.length });
      return { status: 200, body: { keys, ...named({ ignored }) } };
    },
    settings,
  );

  return functionHandler(create, list, read, change, readJwks, replaceJwks);
}

const serviceJson = (service: Service, client: Client) => ({
  serviceId: service.serviceId,
  organisationId: service.organisationId,
  name: service.name,
  type: service.type,
  status: service.status,
  sectorId: service.sectorId,
  clients: [{ clientId: client.clientId, scopes: client.scopes }],
  ...(service.pledgedAt === undefined ? {} : { pledgedAt: rfc3339(service.pledgedAt) }),
  createdAt: rfc3339(service.createdAt),
  updatedAt: rfc3339(service.updatedAt),
});

/** Nothing where nothing was left out. */
const named = <Name extends string>(lists: Readonly<Record<Name, readonly string[]>>) =>
  Object.fromEntries(
    Object.entries<readonly string[]>(lists).filter(([, list]) => list.length > 0),
  );

const optionalTime = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);
