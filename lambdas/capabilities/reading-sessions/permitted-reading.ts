import { MyKeyError, QuotaExceeded } from '../../errors.ts';
import type { CheckQuota } from '../revocation-checks/check-quota.ts';
import { counterTermsOf, requireAttributesForm } from '../services/counter-terms.ts';
import type { EncryptionKey, Service, ServiceForm } from '../services/service.ts';
import type { ReadingSessionMode } from './reading-session.ts';

export const isHold = (mode: ReadingSessionMode): boolean => mode.startsWith('hold');
export const hasAttributes = (mode: ReadingSessionMode): boolean => mode.endsWith('attributes');

/**
 * My Key IDs are issued at libraries.
 * @throws MyKeyError `service-form-wrong`
 */
export function requireMyKeyIdForm(type: ServiceForm): void {
  if (type === 'library') return;
  throw new MyKeyError('service-form-wrong', 'register the counter as a service of type library');
}

/**
 * Whether a service may read cards in this mode, by what it registered. A card held without a PIN
 * counts on the service's day here, because it uses up what was permitted whatever comes of it.
 * @returns the key for the attributes, in modes with attributes
 * @throws MyKeyError `service-form-wrong`, `hold-not-permitted`, `assurance-insufficient`,
 *   `encryption-key-missing`, `quota-exceeded`, `dependency-unavailable`
 */
export async function permitReading(
  mode: ReadingSessionMode,
  service: Service | undefined,
  holds: CheckQuota,
  now: number,
): Promise<EncryptionKey | undefined> {
  const terms = counterTermsOf(service);
  if (isHold(mode) && !terms.supervised) {
    throw new MyKeyError(
      'hold-not-permitted',
      'use a mode with PIN, or have the operator register supervised face-to-face use',
    );
  }
  if (isHold(mode) && terms.minimumAssurance === 'card-signature') {
    throw new MyKeyError(
      'assurance-insufficient',
      'use a mode with PIN: the service has registered card-signature as its minimum',
    );
  }
  const key = hasAttributes(mode) ? encryptionKeyOf(service) : undefined;
  if (isHold(mode)) await countHold(service!.serviceId, terms.holdsPerDay, holds, now);
  return key;
}

function encryptionKeyOf(service: Service | undefined): EncryptionKey {
  if (service !== undefined) requireAttributesForm(service.type);
  if (service?.encryptionKey !== undefined) return service.encryptionKey;
  throw new MyKeyError(
    'encryption-key-missing',
    'register one: PUT /v1/services/{serviceId}/encryption-key',
  );
}

async function countHold(
  serviceId: string,
  most: number,
  holds: CheckQuota,
  now: number,
): Promise<void> {
  const day = new Date(now).toISOString().slice(0, 10);
  if (await holds.take(serviceId, day, 1, most)) return;
  const midnight = Date.parse(day) + 86_400_000;
  throw new QuotaExceeded(
    'quota-exceeded',
    `use a mode with PIN until midnight UTC: ${most} cards were held today, as many as are registered`,
    'service-holds-per-day',
    Math.ceil((midnight - now) / 1000),
  );
}
