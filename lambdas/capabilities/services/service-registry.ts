import type { Client, Organisation, Service } from './service.ts';

/** Port: organisations, services and clients. Everything throws `dependency-unavailable`. */
export interface ServiceRegistry {
  organisation(organisationId: string): Promise<Organisation | undefined>;
  service(serviceId: string): Promise<Service | undefined>;
  client(clientId: string): Promise<Client | undefined>;
  /**
   * All or nothing; never overwrites. A new organisation is given whole, an old one by id. A service
   * that is registered under the same id is the same registration, repeated: what stands is left.
   * @throws MyKeyError `service-exists` when the organisation has a service of this name,
   * `organisation-exists` when another organisation has the name of a new one, `organisation-not-found`,
   * `client-keys-used-up` when as many clients have drawn a usage key as the deployment has
   */
  register(registration: Registration): Promise<'registered' | 'stood'>;
  /**
   * Lets a client draw a usage key that has none, and tells its number. Repeated, it tells the same.
   * @throws MyKeyError `service-not-found`, `client-keys-used-up`
   */
  drawUsageKey(clientId: string): Promise<number>;
  /**
   * Replaces a service that is still as it was read.
   * @throws MyKeyError `service-transition-invalid` when somebody changed it meanwhile
   */
  replaceService(before: Service, after: Service): Promise<void>;
  /** At most `limit` services behind the one with the id `after`, in no order; `next` is absent at the end. */
  list(after: string | undefined, limit: number): Promise<ServicePage>;
  /** @throws MyKeyError `service-not-found` */
  replaceKeys(clientId: string, keys: Client['keys']): Promise<void>;
  /** @throws MyKeyError `service-not-found` */
  replaceScopes(clientId: string, scopes: Client['scopes']): Promise<void>;
}

export interface Registration {
  readonly organisation: Organisation;
  readonly isNewOrganisation: boolean;
  readonly service: Service;
  /** Draws its usage key with the registration. */
  readonly client: Omit<Client, 'usageKey'>;
}

export interface ServicePage {
  readonly services: readonly Service[];
  readonly next?: string;
}
