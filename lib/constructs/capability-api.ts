import { Duration, Size } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  ApiKeySourceType,
  AuthorizationType,
  IdentitySource,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RequestAuthorizer,
  RestApi,
  type MethodDeploymentOptions,
  type MethodOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import type { Operation } from '../operations.ts';
import { acknowledge } from './acknowledge.ts';
import { ApiHost, endpointOf } from './api-address.ts';
import { LiveAliases } from './live-aliases.ts';
import type { PlatformFunction } from './platform-function.ts';
import { addProblemResponses } from './problem-responses.ts';
import { publicAddress } from './public-address.ts';
import { removalPolicyOf } from './removal-policy.ts';
import { deploymentLimits } from '../limits.ts';

export interface CapabilityApiProps {
  readonly configuration: StageConfiguration;
  readonly operations: readonly Operation[];
  /** The function that serves each capability's operations, by capability; called by its alias `live`. */
  readonly functions: ReadonlyMap<string, PlatformFunction>;
  readonly authorizer: PlatformFunction;
}

/**
 * The REST API: one method for each operation, with the authorizer on every route that is not
 * public.
 */
export class CapabilityApi extends RestApi {
  /** Issuer and audience of access tokens. */
  readonly publicAddress: string;

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
      // The authorizer returns the usage plan's API key; the header x-api-key is ignored.
      apiKeySourceType: ApiKeySourceType.AUTHORIZER,
      ...endpointOf(scope, configuration, operations.filter(isOperators)),
      cloudWatchRole: configuration.gatewayLoggingRole,
      minCompressionSize: Size.kibibytes(deploymentLimits.compressedFromKib),
      deployOptions: {
        stageName: configuration.stage,
        throttlingRateLimit: throttling.rate,
        throttlingBurstLimit: throttling.burst,
        methodOptions: throttledMethods(operations, throttling),
        tracingEnabled: configuration.tracing,
        metricsEnabled: true,
        // Logs errors of the gateway only; data trace would log request and response bodies.
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        accessLogDestination: new LogGroupLogDestination(logGroup),
        accessLogFormat: accessLogWithoutPersonalData,
      },
    });
    // API Gateway writes execution errors to a group of this name and would otherwise create it
    // without expiry.
    const executionLog = new LogGroup(this, 'ExecutionLog', {
      logGroupName: `API-Gateway-Execution-Logs_${this.restApiId}/${configuration.stage}`,
      retention: configuration.logRetentionDays,
      removalPolicy: removalPolicyOf(configuration),
    });
    this.deploymentStage.node.addDependency(executionLog);
    this.publicAddress = publicAddress(this, configuration);
    for (const fn of [props.authorizer, ...functions.values()])
      fn.addEnvironment('PUBLIC_BASE_URL', this.publicAddress);
    const live = new LiveAliases(scope, configuration);
    // A REQUEST authorizer, whose event contains the request id that log lines of refusals need.
    // Without an Authorization header, the gateway itself answers 401.
    const authorizer = new RequestAuthorizer(this, 'Authorizer', {
      handler: live.of(props.authorizer),
      identitySources: [IdentitySource.header('Authorization')],
      resultsCacheTtl: Duration.seconds(60),
    });
    for (const operation of operations) {
      const method = this.root.resourceForPath(operation.path).addMethod(
        operation.method,
        new LambdaIntegration(live.of(functions.get(operation.capability)!), {
          scopePermissionToMethod: false,
        }),
        optionsOf(operation, authorizer),
      );
      const isPublic = `${operation.method} ${operation.path} takes no access token: it is open to all, or its function checks what the caller presents.`;
      if (operation.scope === 'public') acknowledge(method, 'APIG4', isPublic);
      acknowledge(
        method,
        'COG4',
        operation.scope === 'public'
          ? isPublic
          : 'Callers are programs with tokens of the platform, not people in a user pool.',
      );
    }
    this.#answerOtherMethods(operations, functions, live);
    this.#switchWhenPermitted(live);
    addProblemResponses(this, this.publicAddress);
    new ApiHost(scope, { configuration, api: this });
    this.#acknowledgeRest(configuration);
  }

  /**
   * The ANY method of each path, served by the path's function, which knows the allowed methods.
   */
  #answerOtherMethods(
    operations: readonly Operation[],
    functions: ReadonlyMap<string, PlatformFunction>,
    live: LiveAliases,
  ): void {
    for (const [path, [first]] of Map.groupBy(operations, (operation) => operation.path)) {
      const method = this.root.resourceForPath(path).addMethod(
        'ANY',
        new LambdaIntegration(live.of(functions.get(first!.capability)!), {
          scopePermissionToMethod: false,
        }),
        { authorizationType: AuthorizationType.NONE },
      );
      const why = `Other methods of ${path} answer 405, or HEAD for public routes.`;
      acknowledge(method, 'COG4', why);
      acknowledge(method, 'APIG4', why);
    }
  }

  /** The stage serves what is deployed at once: what it calls and may call is there before. */
  #switchWhenPermitted(live: LiveAliases): void {
    const permissions = this.node.findAll().filter((child) => child instanceof CfnPermission);
    this.latestDeployment!.node.addDependency(...live.all, ...permissions);
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

/** Registration and changes of services: not permitted to a service's own client. */
const isOperators = ({ scope }: Operation): boolean =>
  scope !== 'public' && scope.grantedTo.every((form) => form === 'operator');

const optionsOf = ({ scope }: Operation, authorizer: RequestAuthorizer): MethodOptions =>
  scope === 'public'
    ? { authorizationType: AuthorizationType.NONE }
    : { authorizationType: AuthorizationType.CUSTOM, authorizer, apiKeyRequired: true };

/**
 * Limits long calls and public calls to a part of the overall rate. API Gateway applies every
 * setting, including the stage's, to each method separately.
 */
function throttledMethods(
  operations: readonly Operation[],
  { heavyRate, publicRate }: StageConfiguration['throttling'],
): Record<string, MethodDeploymentOptions> {
  const rateOf = ({ maxBodyBytes, scope }: Operation): number | undefined => {
    if (maxBodyBytes > deploymentLimits.heavyBodyBytes) return heavyRate;
    return scope === 'public' ? publicRate : undefined;
  };
  const throttled: Record<string, MethodDeploymentOptions> = {};
  for (const operation of operations) {
    const rate = rateOf(operation);
    if (rate !== undefined)
      throttled[`${operation.path}/${operation.method}`] = {
        throttlingRateLimit: rate,
        throttlingBurstLimit: rate,
      };
  }
  return throttled;
}

/**
 * Logs the route, not the path, which contains identifiers. No address, no user agent, and of the
 * authorizer context only the client.
 */
const accessLogWithoutPersonalData = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTimeEpoch',
    route: '$context.httpMethod $context.resourcePath',
    status: '$context.status',
    clientId: '$context.authorizer.clientId',
    // For a refusal by the authorizer: the error code that the caller received.
    code: '$context.authorizer.code',
    authorizerLatency: '$context.authorizer.latency',
    latency: '$context.responseLatency',
    integrationLatency: '$context.integrationLatency',
    responseLength: '$context.responseLength',
    gatewayError: '$context.error.responseType',
  }),
);
