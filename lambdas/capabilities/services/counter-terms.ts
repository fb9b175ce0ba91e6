import { MyKeyError } from '../../errors.ts';
import type { CounterTerms, ServiceForm } from './service.ts';

/** A service without registered terms: its cards are read with their PIN, and by no screen. */
const unregistered: CounterTerms = {
  minimumAssurance: 'card-signature',
  supervised: false,
  holdsPerDay: 0,
  origins: [],
  returnUrls: [],
};

export const counterTermsOf = (
  service: { readonly counter?: CounterTerms } | undefined,
): CounterTerms => service?.counter ?? unregistered;

/**
 * Cards are read for services of Type 1 and for libraries.
 * @throws MyKeyError `service-form-wrong`
 */
export function requireCounterForm(type: ServiceForm): void {
  if (isCounterForm(type)) return;
  throw new MyKeyError(
    'service-form-wrong',
    'register the counter as a service of type type1 or library',
  );
}

export const isCounterForm = (type: ServiceForm): boolean => type === 'type1' || type === 'library';

/**
 * The four attributes are handed to services of Type 1 alone.
 * @throws MyKeyError `service-form-wrong`
 */
export function requireAttributesForm(type: ServiceForm): void {
  if (type === 'type1') return;
  throw new MyKeyError('service-form-wrong', 'register the counter as a service of type type1');
}
