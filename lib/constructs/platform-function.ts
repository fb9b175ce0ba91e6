import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import type { FunctionBundles } from './function-bundles.ts';
import { removalPolicyOf } from './removal-policy.ts';

/** MiB that Lambda gives a whole CPU for: for functions that spend their time on signatures. */
export const oneCpu = 1769;

/** The gateway gives up after 29 s: a function that ends before it is heard. */
export const gatewayTimeout = Duration.seconds(28);

/** What every function of a stage shares. */
export interface DeploymentProps {
  readonly configuration: StageConfiguration;
  readonly bundles: FunctionBundles;
}

export interface PlatformFunctionProps extends DeploymentProps {
  readonly description: string;
  /** MiB. */
  readonly memorySize?: number;
  readonly timeout?: Duration;
  readonly reservedConcurrentExecutions?: number;
  /** Files beside the bundle, by name: what the function needs of the whole catalogue. */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * One deployed entry of a capability, with a role of its own that at first may only
 * write its own log. Everything else is granted by the resource: `table.grant(fn, 'GetItem')`.
 */
export class PlatformFunction extends Function {
  readonly capability: string;

  constructor(scope: Construct, capability: string, props: PlatformFunctionProps) {
    const { configuration, bundles, reservedConcurrentExecutions } = props;
    const id = pascalCase(capability);
    for (const [name, contents] of Object.entries(props.files ?? {}))
      bundles.write(capability, name, contents);
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: configuration.logRetentionDays,
      removalPolicy: removalPolicyOf(configuration),
    });
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What the function ${capability} may do`,
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
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
      environment: {
        STAGE: configuration.stage,
        ...(configuration.publicBaseUrl && { PUBLIC_BASE_URL: configuration.publicBaseUrl }),
      },
      ...(reservedConcurrentExecutions && { reservedConcurrentExecutions }),
    });
    this.capability = capability;
    if (configuration.tracing)
      acknowledge(
        role,
        'IAM5[Resource::*]',
        'X-Ray knows no resources: xray:PutTraceSegments and PutTelemetryRecords take only *.',
      );
  }

  /** Permission for exactly these actions on exactly these resources. */
  allow(actions: readonly string[], ...resources: readonly string[]): void {
    this.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}

const pascalCase = (name: string): string =>
  name.replaceAll(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
