import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  DistributedMap,
  JitterType,
  JsonPath,
  S3JsonItemReader,
  type StateMachine,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { deploymentLimits } from '../limits.ts';
import { acknowledge } from './acknowledge.ts';
import { allowLogs, loggedStateMachine } from './logged-state-machine.ts';
import type { PlatformFunction } from './platform-function.ts';
import type { RevocationBucket } from './revocation-bucket.ts';

export interface ListComparisonMachineProps {
  readonly configuration: StageConfiguration;
  readonly bucket: RevocationBucket;
  readonly compare: PlatformFunction;
}

/**
 * An object under `differences/` → a distributed map over its elements, one part of a comparison
 * each, with retries. A part is repeatable; an execution that failed is redriven from the parts that
 * did.
 */
export class ListComparisonMachine extends Construct {
  readonly machine: StateMachine;
  readonly #name: string;

  constructor(scope: Construct, props: ListComparisonMachineProps) {
    super(scope, 'ListComparison');
    const { configuration, bucket, compare } = props;
    // Its own role refers to it by name, so CloudFormation cannot choose the name.
    this.#name = `my-key-platform-${configuration.stage}-differences`;
    const parts = new DistributedMap(this, 'Parts', {
      comment: 'Each execution compares some pages of the new list with the former one',
      itemReader: new S3JsonItemReader({
        bucket: bucket as IBucket,
        key: JsonPath.stringAt('$.key'),
      }),
      maxConcurrency: deploymentLimits.concurrentComparisons,
      toleratedFailureCount: 0,
      resultPath: JsonPath.DISCARD,
    });
    const task = new LambdaInvoke(this, 'Compare', {
      lambdaFunction: compare,
      payload: TaskInput.fromJsonPathAt('$'),
      outputPath: JsonPath.DISCARD,
      retryOnServiceExceptions: false,
    });
    // Six attempts over some ten minutes outlast throttling of a table or a function.
    task.addRetry({
      errors: ['States.TaskFailed'],
      interval: Duration.seconds(10),
      maxAttempts: 5,
      backoffRate: 2,
      jitterStrategy: JitterType.FULL,
    });
    parts.itemProcessor(task);
    this.machine = loggedStateMachine(this, {
      configuration,
      name: this.#name,
      role: this.#role(props).withoutPolicyUpdates(),
      definition: parts,
      timeout: Duration.hours(12),
    });
    // Not attached, because the role is immutable.
    this.machine.node.tryRemoveChild('DistributedMapPolicy');
    new Rule(this, 'Left', {
      description: 'Ingestion has left the comparison of a new list with the former one',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [bucket.bucketName] },
          object: { key: [{ prefix: 'differences/' }] },
        },
      },
      targets: [
        new SfnStateMachine(this.machine, {
          input: RuleTargetInput.fromObject({ key: EventField.fromPath('$.detail.object.key') }),
        }),
      ],
    });
  }

  #role({ configuration, bucket, compare }: ListComparisonMachineProps): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: 'What the state machine that compares lists may do',
    });
    const allow = (actions: string[], ...resources: string[]): void => {
      role.addToPolicy(new PolicyStatement({ actions, resources }));
    };
    allow(['lambda:InvokeFunction'], compare.functionArn);
    allow(['s3:GetObject'], bucket.arnForObjects('differences/*'));
    bucket.acknowledgeObjects(role, 'the state machine', 'differences/*');
    // A distributed map starts its parts as executions of the same state machine.
    allow(['states:StartExecution'], this.#arn('stateMachine', this.#name));
    allow(
      ['states:DescribeExecution', 'states:StopExecution'],
      this.#arn('execution', `${this.#name}:*`),
    );
    acknowledge(
      role,
      `IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${this.#name}:*]`,
      'Execution names are set at start; limited to executions of this state machine.',
    );
    allowLogs(role, configuration);
    return role;
  }

  #arn(resource: string, resourceName: string): string {
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    return Stack.of(this).formatArn({ service: 'states', resource, resourceName, arnFormat });
  }
}
