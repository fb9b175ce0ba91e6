import { MyKeyError } from '../../errors.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { isCounterForm } from '../services/counter-terms.ts';
import type { ServiceRegistry } from '../services/service-registry.ts';
import { mayCall } from '../services/service.ts';
import { getReadingScreen } from './contract.ts';
import { screenPage, type ScreenFiles } from './screen-page.ts';

export const readingScreenHandler = (
  services: Pick<ServiceRegistry, 'service'>,
  files: () => Promise<ScreenFiles>,
  settings: HttpSettings,
  agent?: string,
) =>
  functionHandler(
    operationHandler(
      getReadingScreen,
      async ({ path: { serviceId } }) => {
        const service = await services.service(serviceId);
        if (service === undefined || !isCounterForm(service.type) || !mayCall(service.status)) {
          throw new MyKeyError('service-not-found', 'no counter of this id is in service');
        }
        const { html, policy } = screenPage(service, await files(), agent);
        return {
          status: 200,
          body: html,
          headers: {
            'Content-Type': 'text/html; charset=utf-8',
            'Content-Security-Policy': policy,
          },
        };
      },
      settings,
    ),
  );
