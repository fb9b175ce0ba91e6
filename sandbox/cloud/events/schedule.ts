import { Cron } from 'croner';

const units: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/**
 * The next time after `after` at which an EventBridge schedule expression (`rate(5 minutes)`,
 * `cron(30 20 * * ? *)`, `at(…)`) is due; milliseconds since 1970, undefined for never.
 */
export function nextDue(
  expression: string,
  after: number,
  timezone = 'Etc/UTC',
): number | undefined {
  const [, kind, argument = ''] = /^(rate|cron|at)\((.+)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'rate') {
    const [, amount, unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(argument) ?? [];
    const length = units[unit];
    if (length !== undefined) return after + Number(amount) * length;
  }
  if (kind === 'at') {
    const at = Date.parse(`${argument}Z`);
    if (!Number.isNaN(at)) return at > after ? at : undefined;
  }
  if (kind === 'cron') return cronOf(argument, timezone).nextRun(new Date(after))?.getTime();
  throw new Error(`the schedule ${expression} is not one of EventBridge's`);
}

/** EventBridge: minutes hours day-of-month month day-of-week year; 1 is Sunday, `?` is any. */
function cronOf(fields: string, timezone: string): Cron {
  const [minute, hour, day, month, weekday, year] = fields.replaceAll('?', '*').split(/\s+/);
  return new Cron(`0 ${minute} ${hour} ${day} ${month} ${weekday} ${year}`, {
    paused: true,
    timezone,
    alternativeWeekdays: true,
  });
}
