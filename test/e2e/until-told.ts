import { setTimeout as delay } from 'node:timers/promises';
import { takeToken, type PlatformUnderTest } from './platform-under-test.ts';

export interface ToldEvent {
  readonly type: string;
  readonly data: { readonly ppid: unknown };
}

/**
 * The events about these persons at the sample service, once there are so many. Each look is an hour
 * later, when what was appended before can be read. The clock is never put back: a list that the
 * sandbox loads meanwhile would lie in the future.
 * @param hopeless whether no more will come
 */
export async function untilTold(
  platform: PlatformUnderTest,
  count: number,
  ppids: readonly unknown[],
  hopeless: () => boolean = () => false,
): Promise<readonly ToldEvent[]> {
  for (let looks = 0; ; looks++) {
    await platform.jlis('clock', { by: 'PT1H' });
    const token = await takeToken(platform, platform.client);
    const { body } = await platform.call('GET', '/v1/events?limit=500', { token });
    const events = (body['events'] as readonly ToldEvent[]).filter(({ data }) =>
      ppids.includes(data.ppid),
    );
    if (events.length >= count || looks === 10 || hopeless()) return events;
    await delay(2_000);
  }
}
