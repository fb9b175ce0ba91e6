import { endpointsToNotify, notifyService, recordFailure, type NoticePorts } from './operation.ts';

export type NotifyTask =
  | { readonly action: 'plan' }
  | { readonly action: 'notify' | 'give-up'; readonly serviceId: string };

/** The tasks of the state machine that notifies services, each repeatable. */
export function notifyWebhooksHandler(
  ports: Omit<NoticePorts, 'now'>,
  clock: () => number = Date.now,
  log: (line: object) => void = (line) => console.log(JSON.stringify(line)),
) {
  return async (task: NotifyTask): Promise<object> => {
    const now = clock();
    if (task.action === 'plan') return { serviceIds: await endpointsToNotify(ports.store) };
    const { serviceId } = task;
    if (task.action === 'give-up') {
      await recordFailure(serviceId, { store: ports.store, now });
      log({ event: 'webhook-failed', serviceId });
      return {};
    }
    const outcome = await notifyService(serviceId, { ...ports, now });
    log({ event: 'webhook', serviceId, outcome });
    return {};
  };
}
