import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import type { FunctionBundles } from './function-bundles.ts';
import type { PlatformNetwork, Reach } from './platform-network.ts';
import { removalPolicyOf } from './removal-policy.ts';

/**
 * Memory in MiB at which Lambda provides a full vCPU: for functions that verify or create
 * signatures.
 */
export const oneCpu = 1769;

/** The gateway times out after 29 s; a function must end earlier to answer. */
export const gatewayTimeout = Duration.seconds(28);

/** Settings and resources shared by every function of a stage. */
export interface DeploymentProps {
  readonly configuration: StageConfiguration;
  readonly bundles: FunctionBundles;
  /** Set if the settings ask for a network. */
  readonly network?: PlatformNetwork | undefined;
}

export interface PlatformFunctionProps extends DeploymentProps, Reach {
  readonly description: string;
  /** MiB. */
  readonly memorySize?: number;
  readonly timeout?: Duration;
  /** Class of reserved concurrency that the function belongs to. */
  readonly concurrencyClass?: keyof StageConfiguration['concurrency'];
  /** Files next to the bundle, by name: the part of the API catalogue that the function needs. */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * One deployed entry of a capability, with its own role that initially may only write its own log.
 * Resources grant everything else: `table.grant(fn, 'GetItem')`.
 */
export class PlatformFunction extends Function {
  readonly capability: string;
  /** The path of its role, by which other stacks can match the role's ARN without a reference. */
  readonly rolePath: string;

  constructor(scope: Construct, capability: string, props: PlatformFunctionProps) {
    const { configuration, bundles } = props;
    const reservedConcurrentExecutions = reservedFor(props);
    const placed = props.network?.place(props);
    const id = pascalCase(capability);
    for (const [name, contents] of Object.entries(props.files ?? {}))
      bundles.write(capability, name, contents);
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: configuration.logRetentionDays,
      removalPolicy: removalPolicyOf(configuration),
    });
    const path = `/my-key-platform/${configuration.stage}/${capability}/`;
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What the function ${capability} may do`,
      path,
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    if (placed !== undefined) mayJoinNetwork(role);
    super(scope, id, {
      code: Code.fromAsset(bundles.directoryOf(capability)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      description: props.description,
      memorySize: props.memorySize ?? 1024,
      timeout: props.timeout ?? Duration.seconds(15),
      tracing: configuration.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      role,
      logGroup,
      environment: { STAGE: configuration.stage },
      ...(reservedConcurrentExecutions && { reservedConcurrentExecutions }),
      ...(placed && {
        vpc: placed.vpc,
        vpcSubnets: { subnets: [...placed.subnets] },
        securityGroups: [placed.securityGroup],
      }),
    });
    this.capability = capability;
    this.rolePath = path;
    const reasons = [
      ...(configuration.tracing
        ? [
            'X-Ray has no resource-level permissions: PutTraceSegments and PutTelemetryRecords require *.',
          ]
        : []),
      ...(placed
        ? [
            'Lambda creates network interfaces whose ARNs are not known in advance; AWS documents this list, and the code itself is denied it.',
          ]
        : []),
    ];
    if (reasons.length > 0) acknowledge(role, 'IAM5[Resource::*]', reasons.join(' '));
  }

  /** Permission for exactly these actions on exactly these resources. */
  allow(actions: readonly string[], ...resources: readonly string[]): void {
    this.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}

/** Undefined if nothing is reserved: 0 would disable the function. */
function reservedFor(props: PlatformFunctionProps): number | undefined {
  const { concurrencyClass, configuration } = props;
  if (concurrencyClass === undefined) return undefined;
  return configuration.concurrency[concurrencyClass] || undefined;
}

/**
 * EC2 actions with which Lambda joins a network through the function's role; denied to the
 * function's code.
 */
function mayJoinNetwork(role: Role): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'ec2:CreateNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
      ],
      resources: ['*'],
      // This condition key is present only in calls from the function's code.
      conditions: { Null: { 'lambda:SourceFunctionArn': 'true' } },
    }),
  );
}

const pascalCase = (name: string): string =>
  name.replaceAll(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
