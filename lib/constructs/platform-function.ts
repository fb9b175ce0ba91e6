import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import type { FunctionBundles } from './function-bundles.ts';
import type { PlatformNetwork } from './platform-network.ts';
import { removalPolicyOf } from './removal-policy.ts';

/** MiB that Lambda gives a whole CPU for: for functions that spend their time on signatures. */
export const oneCpu = 1769;

/** The gateway gives up after 29 s: a function that ends before it is heard. */
export const gatewayTimeout = Duration.seconds(28);

/** What every function of a stage shares. */
export interface DeploymentProps {
  readonly configuration: StageConfiguration;
  readonly bundles: FunctionBundles;
  /** Where the settings ask for a network. */
  readonly network?: PlatformNetwork | undefined;
}

export interface PlatformFunctionProps extends DeploymentProps {
  readonly description: string;
  /** MiB. */
  readonly memorySize?: number;
  readonly timeout?: Duration;
  readonly reservedConcurrentExecutions?: number;
  /** The class with which it shares its fate when everything is busy. */
  readonly concurrencyClass?: keyof StageConfiguration['concurrency'];
  /** Asks responders, sources of lists or the linkage service: has the way out of the network. */
  readonly reachesJlis?: true;
  /** Files beside the bundle, by name: what the function needs of the whole catalogue. */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * One deployed entry of a capability, with a role of its own that at first may only
 * write its own log. Everything else is granted by the resource: `table.grant(fn, 'GetItem')`.
 */
export class PlatformFunction extends Function {
  readonly capability: string;
  /** The path of its role: what other stacks know of the role's ARN without referring to it. */
  readonly rolePath: string;

  constructor(scope: Construct, capability: string, props: PlatformFunctionProps) {
    const { configuration, bundles } = props;
    const reservedConcurrentExecutions = reservedFor(props);
    const placed = props.network?.place(props.reachesJlis === true);
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
        ? ['X-Ray knows no resources: PutTraceSegments and PutTelemetryRecords take only *.']
        : []),
      ...(placed
        ? [
            "Lambda joins a network by interfaces that have no name yet: AWS's list, and not for the code.",
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

/** Undefined where nothing is reserved: 0 executions would switch a function off. */
function reservedFor(props: PlatformFunctionProps): number | undefined {
  const { concurrencyClass, configuration, reservedConcurrentExecutions } = props;
  if (concurrencyClass === undefined) return reservedConcurrentExecutions;
  return configuration.concurrency[concurrencyClass] || undefined;
}

/** What Lambda does with a function's role to join a network; the function's own code may not. */
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
      // The key is there only when the call comes from the function's code.
      conditions: { Null: { 'lambda:SourceFunctionArn': 'true' } },
    }),
  );
}

const pascalCase = (name: string): string =>
  name.replaceAll(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
