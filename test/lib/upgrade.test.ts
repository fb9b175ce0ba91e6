import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { operations } from '../../lib/operations.ts';
import { withoutHash } from './granted-actions.ts';
import { violationsOf } from './rule-violations.ts';
import {
  synthesisePlatform,
  type ExampleDeployment,
  type SynthesisedPlatform,
} from './synthesise-platform.ts';

interface Resource {
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly UpdatePolicy?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
}

const find = (template: Template, type: string) =>
  Object.entries(template.findResources(type) as Record<string, Resource>);

/** Logical ids that a value refers to by Ref. */
const refsOf = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/\{"Ref":"(\w+)"\}/g)].map(([, id]) => id!);

describe('functions that answer requests', () => {
  let api: Template;
  let aliases: ReadonlyMap<string, Resource>;
  beforeAll(() => {
    ({ api } = synthesisePlatform('production').templates);
    aliases = new Map(find(api, 'AWS::Lambda::Alias'));
  });
  const aliasIn = (uri: unknown) => refsOf(uri).filter((id) => aliases.has(id));

  it('have an alias `live` each, at the version of the deployment', () => {
    const functions = find(api, 'AWS::Lambda::Function').map(([id]) => id);
    const serving = new Set(operations.map(({ capability }) => capability)).size + 1;
    expect(functions).toHaveLength(serving);
    const versions = new Map(find(api, 'AWS::Lambda::Version'));
    const found = [...aliases.values()].map(({ Properties }) => {
      expect(Properties['Name']).toBe('live');
      const [version] = (Properties['FunctionVersion'] as { 'Fn::GetAtt': string[] })['Fn::GetAtt'];
      expect(versions.get(version!)!.Properties['FunctionName']).toEqual(
        Properties['FunctionName'],
      );
      return refsOf(Properties['FunctionName'])[0];
    });
    expect(new Set(found)).toEqual(new Set(functions));
    expect(found).toHaveLength(functions.length);
  });

  it('are called by their alias alone: every route, and the authorizer', () => {
    const uris = [
      ...find(api, 'AWS::ApiGateway::Method').map(
        ([, { Properties }]) => (Properties['Integration'] as { Uri: unknown }).Uri,
      ),
      ...find(api, 'AWS::ApiGateway::Authorizer').map(
        ([, { Properties }]) => Properties['AuthorizerUri'],
      ),
    ];
    expect(uris.length).toBeGreaterThan(operations.length);
    for (const uri of uris) {
      expect(new Set(aliasIn(uri)).size).toBe(1);
      expect(JSON.stringify(uri)).not.toContain('"Arn"');
    }
  });

  it('let API Gateway call the alias, and nobody the function itself', () => {
    const permitted = find(api, 'AWS::Lambda::Permission').map(([, { Properties }]) => {
      expect(Properties).toMatchObject({ Principal: 'apigateway.amazonaws.com' });
      return refsOf(Properties['FunctionName'])[0]!;
    });
    expect(permitted.toSorted()).toEqual([...aliases.keys()].toSorted());
  });

  it('are reached by a new deployment of the API once it may call them', () => {
    const [[, deployment]] = find(api, 'AWS::ApiGateway::Deployment') as [[string, Resource]];
    expect(deployment.DependsOn).toEqual(
      expect.arrayContaining([
        ...aliases.keys(),
        ...find(api, 'AWS::Lambda::Permission').map(([id]) => id),
      ]),
    );
  });

  it('move at once, without CodeDeploy, where no canary is asked for', () => {
    for (const { UpdatePolicy } of aliases.values()) expect(UpdatePolicy).toBeUndefined();
    api.resourceCountIs('AWS::CodeDeploy::Application', 0);
    api.resourceCountIs('AWS::CodeDeploy::DeploymentGroup', 0);
  });
});

describe('functions that answer no request', () => {
  it('of ingestion stay without alias and version: their retries are of the code of today', () => {
    const { ingestion } = synthesisePlatform('dev').templates;
    ingestion.resourceCountIs('AWS::Lambda::Alias', 0);
    ingestion.resourceCountIs('AWS::Lambda::Version', 0);
    ingestion.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { Qualifier: '$LATEST' });
  });
});

const versionsOf = (change: (deployment: ExampleDeployment) => void): string[] =>
  find(synthesisePlatform('production', {}, change).templates.jobs, 'AWS::Lambda::Version').map(
    ([id]) => id,
  );

describe('jobs', () => {
  let jobs: Template;
  let versions: ReadonlyMap<string, Resource>;
  beforeAll(() => {
    ({ jobs } = synthesisePlatform('production').templates);
    versions = new Map(find(jobs, 'AWS::Lambda::Version'));
  });

  it('name versions of their functions in the definition, and no function itself', () => {
    const [[, machine]] = find(jobs, 'AWS::StepFunctions::StateMachine') as [[string, Resource]];
    const definition = JSON.stringify(machine.Properties['DefinitionString']);
    expect(refsOf(JSON.parse(definition)).filter((id) => versions.has(id))).toHaveLength(4);
    expect(definition).not.toMatch(/"Fn::GetAtt":\["Job(Plan|Chunk|Finish)/);
    expect([...versions.values()].map((v) => withoutHash(refsOf(v.Properties)[0]!))).toEqual([
      'JobPlan',
      'JobChunk',
      'JobFinish',
    ]);
  });

  it('keep the versions that a deployment replaces, not those of one that failed', () => {
    for (const { DeletionPolicy, UpdateReplacePolicy } of versions.values())
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  it('get another version with other code, and the same with the same', () => {
    const same = versionsOf(() => {});
    expect(same).toEqual([...versions.keys()]);
    // deployment.json is part of every bundle.
    const other = versionsOf(({ trustProfile }) => {
      trustProfile.crlMaxAgeMs += 3_600_000;
    });
    expect(new Set([...same, ...other]).size).toBe(6);
  });
});

describe('a canary', () => {
  let synthesised: SynthesisedPlatform;
  let api: Template;
  beforeAll(() => {
    synthesised = synthesisePlatform('production', { canary: '10percent-5minutes' });
    ({ api } = synthesised.templates);
  });

  it('moves every alias by CodeDeploy, and back on errors of the new version', () => {
    const groups = new Map(find(api, 'AWS::CodeDeploy::DeploymentGroup'));
    const alarms = new Map(find(api, 'AWS::CloudWatch::Alarm'));
    const aliases = find(api, 'AWS::Lambda::Alias');
    expect([groups.size, alarms.size]).toEqual([aliases.length, aliases.length]);
    for (const [, { Properties, UpdatePolicy }] of aliases) {
      const [application, groupId] = refsOf(UpdatePolicy!['CodeDeployLambdaAliasUpdate']);
      expect(application).toMatch(/^LiveCanaryApplication/);
      const group = groups.get(groupId!)!.Properties;
      expect(group).toMatchObject({
        DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: expect.arrayContaining(['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM']),
        },
        AlarmConfiguration: { Enabled: true },
      });
      const [alarmId] = refsOf(group['AlarmConfiguration']);
      expect(alarms.get(alarmId!)!.Properties).toMatchObject({
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Threshold: 0,
        AlarmDescription: expect.stringMatching(/docs\/runbook\.md: A canary that failed$/),
        Dimensions: expect.arrayContaining([
          { Name: 'FunctionName', Value: Properties['FunctionName'] },
          {
            Name: 'Resource',
            Value: { 'Fn::Join': ['', [Properties['FunctionName'], ':live']] },
          },
          { Name: 'ExecutedVersion', Value: Properties['FunctionVersion'] },
        ]),
      });
    }
  });

  it('has a section of the runbook', () => {
    const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
    expect(runbook).toMatch(/^## A canary that failed$/m);
  });

  it('gives CodeDeploy a role that moves these aliases alone', () => {
    api.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [Match.objectLike({ Principal: { Service: 'codedeploy.amazonaws.com' } })],
      },
      ManagedPolicyArns: Match.absent(),
    });
    const [[, policy]] = find(api, 'AWS::IAM::Policy').filter(([id]) =>
      id.startsWith('LiveCanaryRole'),
    ) as [[string, Resource]];
    const { Statement } = policy.Properties['PolicyDocument'] as {
      Statement: { Action: string | string[]; Resource: unknown }[];
    };
    const everywhere = Statement.filter(({ Resource }) => Resource === '*');
    expect(everywhere.map(({ Action }) => Action)).toEqual(['cloudwatch:DescribeAlarms']);
    expect(new Set(Statement.flatMap(({ Action }) => Action))).toEqual(
      new Set([
        'cloudwatch:DescribeAlarms',
        'lambda:GetAlias',
        'lambda:GetProvisionedConcurrencyConfig',
        'lambda:UpdateAlias',
      ]),
    );
  });

  it('breaks no rule of AWS or NIST', () => {
    expect(violationsOf(synthesised.platform)).toEqual([]);
  });
});
