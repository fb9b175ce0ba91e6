import { MyKeyError } from '../../errors.ts';
import {
  mayCall,
  type ServiceForm,
  type ServiceStatus,
} from '../../capabilities/services/service.ts';
import type { Caller } from './operation-call.ts';
import type { Exchange } from './operation-handler.ts';
import { holdsScope } from './scope.ts';

/**
 * The authorizer has verified the token; this checks its scope and the service's state against the
 * route.
 */
export function requireScope(exchange: Exchange): void {
  const { contract, event, fields } = exchange;
  const { scope } = contract;
  if (scope === 'public') return;
  const caller = callerOf(event.requestContext.authorizer);
  fields['clientId'] = caller.clientId;
  fields['serviceId'] = caller.serviceId;
  if (!mayCall(caller.serviceState)) {
    throw new MyKeyError('service-not-active', `the service is ${caller.serviceState}`);
  }
  if (!holdsScope(caller.scopes, scope)) {
    throw new MyKeyError(
      'scope-insufficient',
      `request a token with the scope that this route needs: ${scope.name}`,
    );
  }
  exchange.caller = caller;
}

/** The authorizer's context: strings, set only by our authorizer function. */
function callerOf(context: Readonly<Record<string, unknown>> | null | undefined): Caller {
  const text = (name: string): string => {
    const value = context?.[name];
    // Without a context the route was deployed without its authorizer: deny.
    if (typeof value !== 'string') throw new MyKeyError('token-missing', 'no access token');
    return value;
  };
  // API Gateway hands numbers of the context over as text.
  const perDay = context?.['checkedIdentifiersPerDay'];
  return {
    clientId: text('clientId'),
    clientKey: text('clientKey'),
    serviceId: text('serviceId'),
    serviceState: text('serviceState') as ServiceStatus,
    serviceType: text('serviceType') as ServiceForm,
    sectorId: text('sectorId'),
    scopes: text('scopes').split(' '),
    ...(perDay !== undefined && { checkedIdentifiersPerDay: Number(perDay) }),
  };
}
