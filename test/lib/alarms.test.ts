import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { synthesisePlatform, type SynthesisedPlatform } from './synthesise-platform.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

interface AlarmResource {
  readonly Properties: {
    readonly AlarmName: string;
    readonly AlarmDescription: string;
    readonly AlarmActions: readonly unknown[];
    readonly OKActions: readonly unknown[];
    readonly Metrics?: readonly unknown[];
  };
}

/** Alarms of one condition are numbered behind a full stop. */
const sectionOf = (alarmName: string): string =>
  alarmName.replace('my-key-platform-production-', '').replace(/\.\d+$/, '');

describe('alarms', () => {
  let synthesised: SynthesisedPlatform;
  let alarms: readonly AlarmResource['Properties'][];
  beforeAll(() => {
    synthesised = synthesisePlatform('production', { monthlyBudgetUsd: '500' });
    const found = synthesised.templates.observability.findResources('AWS::CloudWatch::Alarm');
    alarms = Object.values(found as Record<string, AlarmResource>).map((alarm) => alarm.Properties);
  });

  it('and sections of the runbook are the same, by name', () => {
    const sections = [...runbook.matchAll(/^## (\S+)$/gm)].map(([, name]) => name!);
    const budgets = Object.values(
      synthesised.templates.observability.findResources('AWS::Budgets::Budget'),
    ).map(({ Properties }) => sectionOf(Properties.Budget.BudgetName as string));
    const names = new Set([...alarms.map(({ AlarmName }) => sectionOf(AlarmName)), ...budgets]);
    expect([...names].toSorted()).toEqual(sections.toSorted());
  });

  it('have a section each with Look and Recover', () => {
    for (const section of runbook.split(/^## /m).slice(1)) {
      expect(section).toMatch(/^- Look: /m);
      expect(section).toMatch(/^- Recover: /m);
    }
  });

  it('tell the topic when they begin and when they end, and name their section', () => {
    for (const { AlarmName, AlarmDescription, AlarmActions, OKActions } of alarms) {
      expect(AlarmDescription).toMatch(new RegExp(`docs/runbook.md: ${sectionOf(AlarmName)}$`));
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
    }
  });

  it('tell that a list is old while a quarter of the age that the trust profile allows is left', () => {
    expect([thresholdFor(48), thresholdFor(24)]).toEqual([30, 18]);
  });

  it('look at ten metrics at most: CloudWatch takes no more', () => {
    for (const { Metrics = [] } of alarms)
      expect(
        (Metrics as { MetricStat?: object }[]).filter((m) => m.MetricStat).length,
      ).toBeLessThanOrEqual(10);
  });

  it('add up metrics of which some were silent', () => {
    for (const { Metrics = [] } of alarms)
      for (const { Expression } of Metrics as { Expression?: string }[])
        if (Expression?.includes(' + '))
          for (const term of Expression.split(' + ')) expect(term).toMatch(/^FILL\(m\d+, 0\)$/);
  });

  it('watch for dense questions in bulk checks and in jobs', () => {
    const dense = alarms.find(({ AlarmName }) => sectionOf(AlarmName) === 'dense-questioning')!;
    const metrics = (dense.Metrics ?? []) as { MetricStat?: { Metric: { MetricName: string } } }[];
    expect(metrics.flatMap((m) => m.MetricStat?.Metric.MetricName ?? [])).toEqual([
      'revocation-checks/dense',
      'job-chunk/dense',
    ]);
  });

  it('look at no more metrics than CloudWatch allows: ten and one expression', () => {
    for (const { Metrics = [] } of alarms) expect(Metrics.length).toBeLessThanOrEqual(11);
  });

  it('reach the configured address over an encrypted topic, or a topic that exists', () => {
    const { observability } = synthesised.templates;
    observability.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
    observability.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'operations@example.jp',
    });
    const alarmTopicArn = 'arn:aws:sns:ap-northeast-1:123456789012:operations';
    const other = synthesisePlatform('dev', { alarmTopicArn }).templates.observability;
    other.resourceCountIs('AWS::SNS::Topic', 0);
    other.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [alarmTopicArn] });
  });
});

/** In hours. */
const thresholdFor = (crlMaxAgeHours: number): unknown => {
  const { observability } = synthesisePlatform('dev', {}, ({ trustProfile }) => {
    trustProfile.crlMaxAgeMs = crlMaxAgeHours * 3_600_000;
  }).templates;
  const [old] = Object.values(
    observability.findResources('AWS::CloudWatch::Alarm', {
      Properties: { MetricName: 'OldestListAge', Statistic: 'Maximum' },
    }),
  ) as { Properties: { Threshold: number } }[];
  return old!.Properties.Threshold / 3600;
};
