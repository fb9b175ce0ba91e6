import { rfc3339 } from '../../pki/rfc3339.ts';
import { storedEncryptionKey } from './encryption-key.ts';
import {
  changeCounter,
  changeGrants,
  listServices,
  moveService,
  readService,
  replaceClientKeys,
  type ListedService,
} from './operation.ts';
import { registerService, type RegistrationPorts } from './register-service.ts';
import type { Client, Pledge, Service } from './service.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import * as schemas from './contract.ts';

export function servicesHandler(ports: RegistrationPorts, settings: HttpSettings) {
  const { registry } = ports;
  const create = operationHandler(
    schemas.createService,
    async ({ body, requestToken, baseUrl: issuer, now, note }) => {
      const { service, client, ignored } = await registerService(ports, body, requestToken, {
        issuer,
        now,
      });
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
      const { service, client } = await readService(registry, caller, path.serviceId);
      return { status: 200, body: serviceJson(service, client) };
    },
    settings,
  );

  const list = operationHandler(
    schemas.listServices,
    async ({ query, caller }) => {
      const page = { after: query.cursor, limit: Number(query.limit ?? 50) };
      const { listed, next } = await listServices(registry, caller, page);
      const body = { services: listed.map(listedJson), ...(next !== undefined && { next }) };
      return { status: 200, body };
    },
    settings,
  );

  const change = operationHandler(
    schemas.changeServiceStatus,
    async ({ path, caller, body, now, note }) => {
      const moved = await moveService(registry, caller, path.serviceId, body, now);
      const { before, service, client } = moved;
      note({ changed: service.serviceId, from: before.status, to: service.status });
      return { status: 200, body: serviceJson(service, client) };
    },
    settings,
  );

  const grant = operationHandler(
    schemas.changeServiceGrants,
    async ({ path, caller, body, now, note }) => {
      const changed = await changeGrants(ports, caller, path.serviceId, body, now);
      const { grants, checkedIdentifiersPerDay } = body;
      note({ changed: path.serviceId, grants: grants.join(' '), checkedIdentifiersPerDay });
      return { status: 200, body: serviceJson(changed.service, changed.client) };
    },
    settings,
  );

  const changeTerms = operationHandler(
    schemas.changeCounterTerms,
    async ({ path, caller, body, now, note }) => {
      const change = { counter: body };
      const { service, client } = await changeCounter(
        registry,
        caller,
        path.serviceId,
        change,
        now,
      );
      const { minimumAssurance, supervised, holdsPerDay } = body;
      note({ changed: service.serviceId, minimumAssurance, supervised, holdsPerDay });
      return { status: 200, body: serviceJson(service, client) };
    },
    settings,
  );

  const replaceEncryptionKey = operationHandler(
    schemas.replaceEncryptionKey,
    async ({ path, caller, body, now, note }) => {
      const encryptionKey = await storedEncryptionKey(body);
      await changeCounter(registry, caller, path.serviceId, { encryptionKey }, now);
      note({ changed: path.serviceId, encryptionKey: encryptionKey.kid });
      return { status: 200, body: encryptionKey };
    },
    settings,
  );

  const readJwks = operationHandler(
    schemas.getServiceJwks,
    async ({ path, caller }) => {
      const { client } = await readService(registry, caller, path.serviceId);
      return { status: 200, body: { keys: client.keys } };
    },
    settings,
  );

  const replaceJwks = operationHandler(
    schemas.replaceServiceJwks,
    async ({ path, caller, body, baseUrl: issuer, now, note }) => {
      const at = { issuer, now };
      const replaced = await replaceClientKeys(registry, caller, path.serviceId, body, at);
      const { keys, ignored } = replaced;
      note({ changed: path.serviceId, keys: keys.length });
      return { status: 200, body: { keys, ...named({ ignored }) } };
    },
    settings,
  );

  return functionHandler(
    create,
    list,
    read,
    change,
    grant,
    changeTerms,
    replaceEncryptionKey,
    readJwks,
    replaceJwks,
  );
}

const serviceJson = (service: Service, client: Client) => ({
  serviceId: service.serviceId,
  organisationId: service.organisationId,
  name: service.name,
  type: service.type,
  status: service.status,
  sectorId: service.sectorId,
  clients: [{ clientId: client.clientId, scopes: client.scopes }],
  ...(service.pledges === undefined ? {} : { pledges: service.pledges.map(pledgeJson) }),
  ...(service.counter === undefined ? {} : { counter: service.counter }),
  ...(service.encryptionKey === undefined ? {} : { encryptionKey: service.encryptionKey }),
  ...(service.checkedIdentifiersPerDay && {
    checkedIdentifiersPerDay: service.checkedIdentifiersPerDay,
  }),
  createdAt: rfc3339(service.createdAt),
  updatedAt: rfc3339(service.updatedAt),
});

const listedJson = ({ service, organisation }: ListedService) => ({
  serviceId: service.serviceId,
  name: service.name,
  type: service.type,
  status: service.status,
  organisation: { organisationId: organisation.organisationId, name: organisation.name },
});

/** Omitted if no key was ignored. */
const named = <Name extends string>(lists: Readonly<Record<Name, readonly string[]>>) =>
  Object.fromEntries(
    Object.entries<readonly string[]>(lists).filter(([, list]) => list.length > 0),
  );

const pledgeJson = ({ recordedAt, ...pledge }: Pledge) => ({
  ...pledge,
  recordedAt: rfc3339(recordedAt),
});
