import { Match } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { deployedEntries, FunctionBundles } from '../../lib/constructs/function-bundles.ts';
import { exampleDeploymentFile } from '../../lib/config.ts';
import { grantsOfFunctions } from './granted-actions.ts';
import { synthesisePlatform, type SynthesisedPlatform } from './synthesise-platform.ts';

describe('ingestion and jobs', () => {
  let synthesised: SynthesisedPlatform;
  beforeAll(() => {
    synthesised = synthesisePlatform('dev', { ingestionSchedule: 'cron(0 18 * * ? *)' });
  });

  it('loads lists every day by the schedule of the configuration', () => {
    synthesised.templates.ingestion.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'cron(0 18 * * ? *)',
      State: 'ENABLED',
      Targets: [Match.objectLike({ Input: '{}' })],
    });
  });

  it('measures the lists every quarter of an hour, also when no ingestion runs', () => {
    synthesised.templates.ingestion.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(15 minutes)',
      State: 'ENABLED',
      Targets: [
        Match.objectLike({
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^WatchLists'), 'Arn'] },
        }),
      ],
    });
  });

  it('loads a list that is put under drops/, and nothing else of the bucket', () => {
    synthesised.templates.ingestion.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: {
          bucket: { name: [Match.anyValue()] },
          object: { key: [{ prefix: 'drops/' }] },
        },
      },
    });
    synthesised.templates.data.hasResourceProperties('AWS::S3::Bucket', {
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
  });

  it('may read the objects that the trust profile names as sources, and only those', () => {
    const crlSourceKeyArns = 'arn:aws:kms:ap-northeast-1:123456789012:key/of-the-lists';
    const { ingestion } = synthesisePlatform('dev', { crlSourceKeyArns }, ({ trustProfile }) => {
      trustProfile.crlSources[0]!.url = 's3://lists-of-jlis/user-authentication/full.crl';
    }).templates;
    expect(grantsOfFunctions(ingestion)['IngestCrl']).toMatchObject({
      'arn:AWS::Partition:s3:::lists-of-jlis/user-authentication/full.crl': ['s3:GetObject'],
      [crlSourceKeyArns]: ['kms:Decrypt'],
    });
  });

  it('repeats an ingestion twice, keeps what it gave up', () => {
    const { ingestion } = synthesised.templates;
    ingestion.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 900,
    });
    ingestion.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      DestinationConfig: {
        OnFailure: {
          Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DeadLetters'), 'Arn'] },
        },
      },
    });
  });

  it('runs a job as plan, a distributed map over its manifest, and finish, also when a step fails', () => {
    const [machine] = Object.values(
      synthesised.templates.jobs.findResources('AWS::StepFunctions::StateMachine'),
    ) as { Properties: { DefinitionString: { 'Fn::Join': [string, unknown[]] } } }[];
    const text = machine!.Properties.DefinitionString['Fn::Join'][1]
      .map((part) => (typeof part === 'string' ? part : 'reference'))
      .join('');
    const { StartAt, States } = JSON.parse(text) as {
      StartAt: string;
      States: Record<string, { Next?: string; Catch?: { Next: string }[]; [key: string]: unknown }>;
    };
    expect([StartAt, States['Plan']!.Next, States['Chunks']!.Next]).toEqual([
      'Plan',
      'Chunks',
      'Finish',
    ]);
    expect(States['Chunks']).toMatchObject({
      ItemReader: { Parameters: { 'Key.$': '$.plan.manifestKey' } },
      // Outputs of 300 children would exceed 256 KiB, whatever the map does with their sum.
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED' },
        States: { Chunk: { OutputPath: null } },
      },
      ItemSelector: { 'jobId.$': '$.jobId', 'chunk.$': '$$.Map.Item.Value' },
      ResultPath: null,
    });
    for (const state of ['Plan', 'Chunks', 'Finish'])
      expect(States[state]!.Catch).toEqual([expect.objectContaining({ Next: 'FinishFailed' })]);
  });
});

describe('bundles', () => {
  const bundles = new FunctionBundles(exampleDeploymentFile);
  afterAll(() => bundles.discard());
  it.each(deployedEntries)('%s is no larger than its cold start allows: 700 KiB', (name) => {
    const directory = bundles.directoryOf(name);
    expect(statSync(join(directory, 'index.mjs')).size).toBeLessThanOrEqual(700 * 1024);
    expect(statSync(join(directory, 'deployment.json')).isFile()).toBe(true);
  });
});
