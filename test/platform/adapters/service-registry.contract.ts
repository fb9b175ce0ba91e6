import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type {
  Registration,
  ServiceRegistry,
} from '../../../lambdas/capabilities/services/service-registry.ts';

import type { ClientKey } from '../../../lambdas/capabilities/services/service.ts';

const now = Date.UTC(2026, 10, 22);
const newId = (kind: string): string => `${kind}_${randomBytes(8).toString('hex')}`;

/** Registries do not look at points. */
const newKey = (): ClientKey => ({
  kty: 'EC',
  kid: 'k1',
  alg: 'ES256',
  use: 'sig',
  crv: 'P-256',
  x: newId('x'),
  y: 'y',
});

function registration(overrides: Partial<Registration> = {}): Registration {
  const organisation = overrides.organisation ?? {
    organisationId: newId('org'),
    name: `City ${newId('of')}`,
  };
  const [serviceId, clientId] = [newId('svc'), newId('cli')];
  return {
    organisation,
    isNewOrganisation: true,
    service: {
      serviceId,
      organisationId: organisation.organisationId,
      name: 'Health portal',
      type: 'type2',
      status: 'testing',
      sectorId: newId('sec'),
      clientIds: [clientId],
      createdAt: now,
      updatedAt: now,
    },
    client: {
      clientId,
      serviceId,
      keys: [newKey()],
      scopes: ['challenges:write'],
    },
    ...overrides,
  };
}

/** What every service registry must hold to. */
export function serviceRegistryContract(open: (usageKeys?: number) => ServiceRegistry): void {
  it('gives back what was registered', async () => {
    const registry = open();
    const { organisation, isNewOrganisation, service, client } = registration();
    await registry.register({ organisation, isNewOrganisation, service, client });
    expect(await registry.organisation(organisation.organisationId)).toEqual(organisation);
    expect(await registry.service(service.serviceId)).toEqual(service);
    const usageKey = expect.any(Number);
    expect(await registry.client(client.clientId)).toEqual({ ...client, usageKey });
    expect(await registry.service('svc_none')).toBeUndefined();
  });

  it('refuses a second service of the same name in an organisation, and keeps nothing of it', async () => {
    const registry = open();
    const first = registration();
    await registry.register(first);
    const second = registration({ organisation: first.organisation, isNewOrganisation: false });
    await expect(registry.register(second)).rejects.toMatchObject({ code: 'service-exists' });
    expect(await registry.client(second.client.clientId)).toBeUndefined();
  });

  it('changes nothing when a registration is repeated, and reports it', async () => {
    const registry = open();
    const first = registration();
    expect(await registry.register(first)).toBe('registered');
    const later = { ...first.service, updatedAt: now + 5 };
    expect(await registry.register({ ...first, service: later })).toBe('stood');
    expect(await registry.service(first.service.serviceId)).toEqual(first.service);
    const another = registration({
      organisation: first.organisation,
      isNewOrganisation: false,
    });
    const tax = { ...another, service: { ...another.service, name: 'Tax office' } };
    expect(await registry.register(tax)).toBe('registered');
    expect(await registry.register(tax)).toBe('stood');
  });

  it('refuses a second organisation of the same name, and keeps nothing of it', async () => {
    const registry = open();
    const first = registration();
    await registry.register(first);
    const { name } = first.organisation;
    const second = registration({ organisation: { organisationId: newId('org'), name } });
    await expect(registry.register(second)).rejects.toMatchObject({ code: 'organisation-exists' });
    expect(await registry.service(second.service.serviceId)).toBeUndefined();
    expect(await registry.organisation(second.organisation.organisationId)).toBeUndefined();
  });

  it('registers each of many that arrive at once in one organisation', async () => {
    const registry = open();
    const first = registration();
    await registry.register(first);
    const others = Array.from({ length: 8 }, (_, index) => {
      const one = registration({ organisation: first.organisation, isNewOrganisation: false });
      return { ...one, service: { ...one.service, name: `Service ${index}` } };
    });
    const made = await Promise.all(others.map((one) => registry.register(one)));
    expect(made).toEqual(others.map(() => 'registered'));
    const keys = [first, ...others].map(async ({ client }) => {
      return (await registry.client(client.clientId))?.usageKey;
    });
    expect(new Set(await Promise.all(keys)).size).toBe(9);
  });

  it('draws one usage key for a client, whatever is repeated or refused', async () => {
    const registry = open();
    const first = registration();
    await registry.register(first);
    const { usageKey } = (await registry.client(first.client.clientId))!;
    await registry.register(first);
    const sameName = registration({ organisation: first.organisation, isNewOrganisation: false });
    await expect(registry.register(sameName)).rejects.toMatchObject({ code: 'service-exists' });
    expect(await registry.drawUsageKey(first.client.clientId)).toBe(usageKey);
    const next = registration();
    await registry.register(next);
    expect((await registry.client(next.client.clientId))?.usageKey).toBe(usageKey! + 1);
    await expect(registry.drawUsageKey('cli_none')).rejects.toMatchObject({
      code: 'service-not-found',
    });
  });

  it('registers no client without a usage key, and keeps nothing of it', async () => {
    const known = registration();
    const roomy = open();
    await roomy.register(known);
    const { usageKey } = (await roomy.client(known.client.clientId))!;
    const full = open(usageKey);
    // A store of its own has them all left.
    let last = known;
    while (((await full.client(last.client.clientId))?.usageKey ?? 0) < usageKey!)
      await full.register((last = registration()));
    const late = registration();
    await expect(full.register(late)).rejects.toMatchObject({ code: 'client-keys-used-up' });
    expect(await full.service(late.service.serviceId)).toBeUndefined();
    expect(await full.register(last)).toBe('stood');
    expect(await full.drawUsageKey(last.client.clientId)).toBe(usageKey);
  });

  it('refuses a service of an organisation that is not there', async () => {
    const orphan = registration({ isNewOrganisation: false });
    await expect(open().register(orphan)).rejects.toMatchObject({ code: 'organisation-not-found' });
  });

  it('lists every service once, page by page', async () => {
    const registry = open();
    const made = Array.from({ length: 5 }, () => registration());
    for (const one of made) await registry.register(one);
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const page = await registry.list(next, 2);
      expect(page.services.length).toBeLessThanOrEqual(2);
      seen.push(...page.services.map(({ serviceId }) => serviceId));
      next = page.next;
    } while (next !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(
      expect.arrayContaining(made.map(({ service: { serviceId } }) => serviceId)),
    );
  });

  it('replaces a service only as it was read', async () => {
    const registry = open();
    const entry = registration();
    const { service } = entry;
    await registry.register(entry);
    const active = { ...service, status: 'active', updatedAt: now + 1 } as const;
    await registry.replaceService(service, active);
    expect(await registry.service(service.serviceId)).toEqual(active);
    await expect(registry.replaceService(service, active)).rejects.toMatchObject({
      code: 'service-transition-invalid',
    });
  });

  it('replaces keys of a client that is there', async () => {
    const registry = open();
    const entry = registration();
    await registry.register(entry);
    const keys = [{ ...entry.client.keys[0]!, kid: 'k2' }];
    await registry.replaceKeys(entry.client.clientId, keys);
    expect(await registry.client(entry.client.clientId)).toMatchObject({ ...entry.client, keys });
    await expect(registry.replaceKeys('cli_none', keys)).rejects.toMatchObject({
      code: 'service-not-found',
    });
  });

  it('keeps a key to the client that registered it first, also after its withdrawal', async () => {
    const registry = open();
    const [first, other] = [registration(), registration()];
    await registry.register(first);
    await registry.register(other);
    const [taken] = first.client.keys;
    const sharing = registration();
    const client = { ...sharing.client, keys: [newKey(), { ...taken!, kid: 'mine' }] };
    const refusal = { code: 'client-key-taken' };
    await expect(registry.register({ ...sharing, client })).rejects.toMatchObject(refusal);
    expect(await registry.service(sharing.service.serviceId)).toBeUndefined();
    // Nothing of the refused registration is kept: its own key is free.
    const own = { ...sharing.client, keys: [client.keys[0]!] };
    expect(await registry.register({ ...sharing, client: own })).toBe('registered');

    const replace = (keys: ClientKey[]) => registry.replaceKeys(other.client.clientId, keys);
    await expect(replace([other.client.keys[0]!, taken!])).rejects.toMatchObject(refusal);
    expect((await registry.client(other.client.clientId))?.keys).toEqual(other.client.keys);
    await registry.replaceKeys(first.client.clientId, [newKey()]);
    await expect(replace([taken!])).rejects.toMatchObject(refusal);
    await registry.replaceKeys(first.client.clientId, [taken!]);
    const next = newKey();
    await replace([next]);
    await expect(registry.replaceKeys(first.client.clientId, [next])).rejects.toMatchObject(
      refusal,
    );
  });
}
