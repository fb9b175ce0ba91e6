import { deliverAnnouncements, type DeliveryPorts } from '../../people/announcements.ts';
import { announcementShards } from '../../people/layout.ts';
import { eventLimits } from './limits.ts';

/** Brings waiting announcements to the feeds of services; what it does not reach waits on. */
export function deliverAnnouncementsHandler(
  ports: Omit<DeliveryPorts, 'now' | 'timeIsUp'>,
  clock: () => number = Date.now,
  log: (line: object) => void = (line) => console.log(JSON.stringify(line)),
) {
  return async (): Promise<{ readonly announcements: number }> => {
    const startedAt = performance.now();
    const timeIsUp = (): boolean => performance.now() - startedAt > eventLimits.deliveryMs;
    const delivery = { ...ports, now: clock(), timeIsUp };
    const shards = Array.from({ length: announcementShards }, (_, shard) => shard);
    const delivered = await Promise.all(
      shards.map((shard) => deliverAnnouncements(delivery, shard)),
    );
    const announcements = delivered.reduce((sum, each) => sum + each.announcements, 0);
    log({
      event: 'announcements-delivered',
      announcements,
      more: delivered.some(({ more }) => more),
    });
    return { announcements };
  };
}
