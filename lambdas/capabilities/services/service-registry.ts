import type { Client, Organisation, Service } from './service.ts';

/** Port: organisations, services and clients. Every method can throw `dependency-unavailable`. */
export interface ServiceRegistry {
  organisation(organisationId: string): Promise<Organisation | undefined>;
  service(serviceId: string): Promise<Service | undefined>;
  client(clientId: string): Promise<Client | undefined>;
  /**
   * Atomic; never overwrites. A new organisation is given in full, an existing one by id. If a
   * service with the same id exists, the call is a repetition and changes nothing.
   * @throws MyKeyError `service-exists` if the organisation has a service of this name,
   *   `organisation-exists` if another organisation has the new one's name,
   *   `client-key-taken` if a key belongs to another client, `organisation-not-found`,
   *   `client-keys-used-up` if every usage key of the deployment is
   *   assigned
   */
  register(registration: Registration): Promise<'registered' | 'stood'>;
  /**
   * Assigns a usage key to a client without one and returns its number. Idempotent.
   * @throws MyKeyError `service-not-found`, `client-keys-used-up`
   */
  drawUsageKey(clientId: string): Promise<number>;
  /**
   * Replaces a service if it is unchanged since it was read.
   * @throws MyKeyError `service-transition-invalid` if it was changed concurrently
   */
  replaceService(before: Service, after: Service): Promise<void>;
  /**
   * At most `limit` services after the one with the id `after`, unordered; `next` is absent on the
   * last page.
   */
  list(after: string | undefined, limit: number): Promise<ServicePage>;
  /**
   * A key belongs to the first client that registered it, also after it was withdrawn.
   * @throws MyKeyError `service-not-found`, `client-key-taken` if a key belongs to another client
   */
  replaceKeys(clientId: string, keys: Client['keys']): Promise<void>;
  /** @throws MyKeyError `service-not-found` */
  replaceScopes(clientId: string, scopes: Client['scopes']): Promise<void>;
}

export interface Registration {
  readonly organisation: Organisation;
  readonly isNewOrganisation: boolean;
  readonly service: Service;
  /** The registration assigns its usage key. */
  readonly client: Omit<Client, 'usageKey'>;
}

export interface ServicePage {
  readonly services: readonly Service[];
  readonly next?: string;
}
