import { describe, expect, it } from '@jest/globals';
import type {
  MethodDefinition,
  UsagePlanDefinition,
} from '../../../sandbox/cloud/gateway/api-definition.ts';
import type { Call } from '../../../sandbox/cloud/gateway/incoming-call.ts';
import { Meter } from '../../../sandbox/cloud/gateway/meter.ts';

/** A gateway of one method, whose clocks stand still until they are moved. */
function gateway(plans: Readonly<Record<string, UsagePlanDefinition>> = {}) {
  const clocks = { now: Date.UTC(2026, 10, 22, 23, 59), elapsedMs: 0 };
  const meter = new Meter({ now: () => clocks.now, elapsedMs: () => clocks.elapsedMs });
  const usagePlans = new Map(Object.entries(plans));
  const ask = (method: Partial<MethodDefinition>, usageKey?: string): string => {
    try {
      meter.count(
        { api: { usagePlans }, usageKey } as unknown as Call,
        { httpMethod: 'GET', resourcePath: '/a', ...method } as MethodDefinition,
      );
      return 'through';
    } catch (refusal) {
      return (refusal as { type: string }).type;
    }
  };
  return { clocks, ask };
}

const counted = { apiKeyRequired: true };
const plan = (limits: Partial<UsagePlanDefinition>): UsagePlanDefinition => ({
  throttle: undefined,
  quota: undefined,
  ...limits,
});

describe('the throttle of a method', () => {
  const throttle = { rate: 2, burst: 3 };

  it('lets the burst through, then as many as come back', () => {
    const { clocks, ask } = gateway();
    const answers = () => Array.from({ length: 4 }, () => ask({ throttle }));
    expect(answers()).toEqual(['through', 'through', 'through', 'THROTTLED']);
    clocks.elapsedMs = 499;
    expect(ask({ throttle })).toBe('THROTTLED');
    clocks.elapsedMs = 500;
    expect([ask({ throttle }), ask({ throttle })]).toEqual(['through', 'THROTTLED']);
    clocks.elapsedMs = 3_600_000;
    expect(answers()).toEqual(['through', 'through', 'through', 'THROTTLED']);
  });

  it('is counted for each method by itself', () => {
    const { ask } = gateway();
    const one = { rate: 1, burst: 1 };
    expect(ask({ throttle: one })).toBe('through');
    expect(ask({ throttle: one, resourcePath: '/b' })).toBe('through');
    expect(ask({ throttle: one })).toBe('THROTTLED');
  });
});

describe('the plan of an API key', () => {
  it('is asked only where the method says so, and must exist', () => {
    const { ask } = gateway({ known: plan({}) });
    expect([ask({}), ask(counted), ask(counted, 'known'), ask(counted, 'other')]).toEqual([
      'through',
      'INVALID_API_KEY',
      'through',
      'INVALID_API_KEY',
    ]);
  });

  it('throttles each key by itself, over all methods', () => {
    const one = plan({ throttle: { rate: 1, burst: 1 } });
    const { ask } = gateway({ a: one, b: one });
    expect(ask(counted, 'a')).toBe('through');
    expect(ask({ ...counted, resourcePath: '/b' }, 'a')).toBe('THROTTLED');
    expect(ask(counted, 'b')).toBe('through');
  });

  it('counts the quota of each key until midnight UTC; what is throttled does not count', () => {
    const two = plan({ quota: { limit: 2, period: 'DAY' }, throttle: { rate: 1, burst: 1 } });
    const { clocks, ask } = gateway({ a: two, b: two });
    const later = (usageKey: string) => {
      clocks.elapsedMs += 1000;
      return ask(counted, usageKey);
    };
    expect([ask(counted, 'a'), ask(counted, 'a')]).toEqual(['through', 'THROTTLED']);
    expect([later('a'), later('a')]).toEqual(['through', 'QUOTA_EXCEEDED']);
    expect(later('b')).toBe('through');
    clocks.now = Date.UTC(2026, 10, 23);
    expect(later('a')).toBe('through');
  });
});
