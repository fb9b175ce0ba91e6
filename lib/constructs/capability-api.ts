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
import type { FunctionName, Route } from '../../lambdas/platform/http/routes.ts';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import type { PlatformFunction } from './platform-function.ts';
import { addProblemResponses } from './problem-responses.ts';
import { removalPolicyOf } from './removal-policy.ts';

export interface CapabilityApiProps {
  readonly configuration: StageConfiguration;
  readonly routes: readonly Route[];
  readonly functions: Readonly<Record<FunctionName, PlatformFunction>>;
  readonly authorizer: PlatformFunction;
}

/** Bodies above this are long calls, with a throttle of their own. */
const heavyBodyBytes = 1024 * 1024;

/** The REST API: one method per route of the catalogue, the authorizer before every route that is not public. */
export class CapabilityApi extends RestApi {
  constructor(scope: Construct, props: CapabilityApiProps) {
    const { configuration, routes, functions } = props;
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
        methodOptions: heavyMethods(routes, throttling.heavyRate),
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
    for (const route of routes) {
      const method = this.root.resourceForPath(route.path).addMethod(
        route.method,
        new LambdaIntegration(functions[route.function as FunctionName], {
          scopePermissionToMethod: false,
        }),
        optionsOf(route, authorizer),
      );
      acknowledge(
        method,
        'COG4',
        'Callers are services with private_key_jwt, not people in a user pool.',
      );
      if (route.scope === 'public')
        acknowledge(method, 'APIG4', `${route.method} ${route.path} is public by design.`);
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

const optionsOf = (route: Route, authorizer: TokenAuthorizer): MethodOptions =>
  route.scope === 'public'
    ? { authorizationType: AuthorizationType.NONE }
    : { authorizationType: AuthorizationType.CUSTOM, authorizer };

const heavyMethods = (
  routes: readonly Route[],
  rate: number,
): Record<string, MethodDeploymentOptions> =>
  Object.fromEntries(
    routes
      .filter((route) => route.maxBodyBytes > heavyBodyBytes)
      .map((route) => [
        `${route.path}/${route.method}`,
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
