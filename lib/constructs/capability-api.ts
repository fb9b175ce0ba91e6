import { Duration } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
  TokenAuthorizer,
  type MethodDeploymentOptions,
  type MethodOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import type { Operation } from '../operations.ts';
import { acknowledge } from './acknowledge.ts';
import type { PlatformFunction } from './platform-function.ts';
import { addProblemResponses } from './problem-responses.ts';
import { removalPolicyOf } from './removal-policy.ts';

export interface CapabilityApiProps {
  readonly configuration: StageConfiguration;
  readonly operations: readonly Operation[];
  /** By capability: the function of each serves its operations. */
  readonly functions: ReadonlyMap<string, PlatformFunction>;
  readonly authorizer: PlatformFunction;
}

/** Bodies above this are long calls, with a throttle of their own. */
const heavyBodyBytes = 1024 * 1024;

/** The REST API: one method per operation, the authorizer before every route that is not public. */
export class CapabilityApi extends RestApi {
  constructor(scope: Construct, props: CapabilityApiProps) {
    const { configuration, operations, functions } = props;
    const { throttling } = configuration;
    const logGroup = new LogGroup(scope, 'AccessLog', {
      retention: configuration.logRetentionDays,
      removalPolicy: removalPolicyOf(configuration),
    });
    super(scope, 'Api', {
      restApiName: `my-key-platform-${configuration.stage}`,
      description: 'My Key Platform',
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: configuration.gatewayLoggingRole,
      deployOptions: {
        stageName: configuration.stage,
        throttlingRateLimit: throttling.rate,
        throttlingBurstLimit: throttling.burst,
        methodOptions: heavyMethods(operations, throttling.heavyRate),
        tracingEnabled: configuration.tracing,
        metricsEnabled: true,
        // Errors of the gateway only: bodies (data trace) never reach a log.
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        accessLogDestination: new LogGroupLogDestination(logGroup),
        accessLogFormat: accessLogWithoutPersonalData,
      },
    });
    // API Gateway writes its errors to a group of this name, and would create it to keep them for ever.
    const executionLog = new LogGroup(this, 'ExecutionLog', {
      logGroupName: `API-Gateway-Execution-Logs_${this.restApiId}/${configuration.stage}`,
      retention: configuration.logRetentionDays,
      removalPolicy: removalPolicyOf(configuration),
    });
    this.deploymentStage.node.addDependency(executionLog);
    const authorizer = new TokenAuthorizer(this, 'Authorizer', {
      handler: props.authorizer,
      resultsCacheTtl: Duration.seconds(60),
    });
    for (const operation of operations) {
      const method = this.root.resourceForPath(operation.path).addMethod(
        operation.method,
        new LambdaIntegration(functions.get(operation.capability)!, {
          scopePermissionToMethod: false,
        }),
        optionsOf(operation, authorizer),
      );
      acknowledge(
        method,
        'COG4',
        'Callers are services with private_key_jwt, not people in a user pool.',
      );
      if (operation.scope === 'public')
        acknowledge(method, 'APIG4', `${operation.method} ${operation.path} is public by design.`);
    }
    addProblemResponses(this);
    this.#acknowledgeRest(configuration);
  }

  #acknowledgeRest(configuration: StageConfiguration): void {
    acknowledge(
      this,
      'APIG2',
      'The function checks every request against the schema that the OpenAPI document shows; its answer names the fields.',
    );
    if (configuration.gatewayLoggingRole)
      acknowledge(
        this,
        'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        "The account-wide role of API Gateway's logs: AWS defines what it needs.",
      );
  }
}

const optionsOf = ({ scope }: Operation, authorizer: TokenAuthorizer): MethodOptions =>
  scope === 'public'
    ? { authorizationType: AuthorizationType.NONE }
    : { authorizationType: AuthorizationType.CUSTOM, authorizer };

const heavyMethods = (
  operations: readonly Operation[],
  rate: number,
): Record<string, MethodDeploymentOptions> =>
  Object.fromEntries(
    operations
      .filter(({ maxBodyBytes }) => maxBodyBytes > heavyBodyBytes)
      .map(({ path, method }) => [
        `${path}/${method}`,
        { throttlingRateLimit: rate, throttlingBurstLimit: rate },
      ]),
  );

/** Route, not path: a path carries identifiers. No address, no user agent, no authorizer context but the client. */
const accessLogWithoutPersonalData = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTimeEpoch',
    route: '$context.httpMethod $context.resourcePath',
    status: '$context.status',
    clientId: '$context.authorizer.clientId',
    authorizerLatency: '$context.authorizer.latency',
    latency: '$context.responseLatency',
    integrationLatency: '$context.integrationLatency',
    responseLength: '$context.responseLength',
    gatewayError: '$context.error.responseType',
  }),
);
