import { rfc3339 } from '../../pki/rfc3339.ts';
import { readClientJwks } from './client-jwks.ts';
import { changeStatus } from './life-cycle.ts';
import { registerService, type RegistrationPorts } from './register-service.ts';
import { MyKeyError } from '../../errors.ts';
import type { Client, Service } from './service.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import * as schemas from './contract.ts';

export function servicesHandler(ports: RegistrationPorts, settings: HttpSettings) {
  const { registry } = ports;
  const existing = async (serviceId: string): Promise<Service> => {
    const service = await registry.service(serviceId);
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
    async ({ path }) => {
      const service = await existing(path.serviceId);
      return { status: 200, body: serviceJson(service, await clientOf(service)) };
    },
    settings,
  );

  const change = operationHandler(
    schemas.changeServiceStatus,
    async ({ path, body, now, note }) => {
      const before = await existing(path.serviceId);
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
    async ({ path }) => {
      const { keys } = await clientOf(await existing(path.serviceId));
      return { status: 200, body: { keys } };
    },
    settings,
  );

  const replaceJwks = operationHandler(
    schemas.replaceServiceJwks,
    async ({ path, body, note }) => {
      const service = await existing(path.serviceId);
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

  return functionHandler(create, read, change, readJwks, replaceJwks);
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
