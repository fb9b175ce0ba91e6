import { type Resource, type Templates, textOf } from '../template/evaluate.ts';
import type { Throttle } from './token-bucket.ts';

export interface AuthorizerDefinition {
  readonly id: string;
  readonly type: 'TOKEN' | 'REQUEST';
  readonly functionArn: string;
  /** `method.request.header.Authorization`, `method.request.querystring.x`, `context.…` */
  readonly identitySources: readonly string[];
  readonly validation: RegExp | undefined;
  readonly ttlSeconds: number;
}

export interface MockIntegration {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MethodDefinition {
  readonly httpMethod: string;
  /** `/v1/services/{serviceId}` */
  readonly resourcePath: string;
  readonly resourceId: string;
  readonly authorizer: AuthorizerDefinition | undefined;
  readonly functionArn: string | undefined;
  readonly mock: MockIntegration | undefined;
  readonly integrationTimeoutMs: number;
  /** The request is metered by an API key, which the API's key source provides. */
  readonly apiKeyRequired: boolean;
  /** The stage's setting for this method, otherwise the setting for all methods. */
  readonly throttle: Throttle | undefined;
}

/** The effective parts of AWS::ApiGateway::UsagePlan. */
export interface UsagePlanDefinition {
  readonly throttle: Throttle | undefined;
  readonly quota: { readonly limit: number; readonly period: 'DAY' | 'MONTH' } | undefined;
}

export interface GatewayResponseDefinition {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** media type → template */
  readonly templates: Readonly<Record<string, string>>;
}

export interface ApiDefinition {
  readonly id: string;
  readonly stage: string;
  readonly account: string;
  readonly region: string;
  readonly methods: readonly MethodDefinition[];
  readonly responses: ReadonlyMap<string, GatewayResponseDefinition>;
  readonly binaryMediaTypes: readonly string[];
  /**
   * Size in octets from which responses are compressed if the client accepts it; undefined: never.
   */
  readonly minimumCompressionSize: number | undefined;
  /** HEADER: `x-api-key`; AUTHORIZER: the authorizer's result. */
  readonly apiKeySource: 'HEADER' | 'AUTHORIZER';
  /** By the value of the API key. */
  readonly usagePlans: ReadonlyMap<string, UsagePlanDefinition>;
}

/** Every REST API of the assembly, from its own resources, methods, authorizers and responses. */
export function readApis(templates: Templates): ApiDefinition[] {
  return templates.resources('AWS::ApiGateway::RestApi').map((api) => {
    const id = api.identity.ref;
    const ofThisApi = (resource: Resource) => resource.properties['RestApiId'] === id;
    const of = (type: string) => templates.resources(`AWS::ApiGateway::${type}`).filter(ofThisApi);
    const paths = pathsOf(of('Resource'), api.identity.attributes['RootResourceId'] ?? '');
    const authorizers = new Map(
      of('Authorizer').map((resource) => [resource.identity.ref, authorizerOf(resource)]),
    );
    const [stage] = of('Stage');
    const stageName = stage?.identity.ref ?? 'prod';
    const throttles = throttlesOf(stage);
    return {
      id,
      ...templates.environment,
      stage: stageName,
      methods: of('Method').map((method) => methodOf(method, { paths, authorizers, throttles })),
      responses: new Map(of('GatewayResponse').map(responseOf)),
      binaryMediaTypes: (api.properties['BinaryMediaTypes'] ?? []) as string[],
      minimumCompressionSize: api.properties['MinimumCompressionSize'] as number | undefined,
      apiKeySource: api.properties['ApiKeySourceType'] === 'AUTHORIZER' ? 'AUTHORIZER' : 'HEADER',
      usagePlans: usagePlansOf(templates, id, stageName),
    };
  });
}

/** By `METHOD /path`, with `*` for all; a method's own setting takes precedence. */
function throttlesOf(stage: Resource | undefined): ReadonlyMap<string, Throttle> {
  const settings = (stage?.properties['MethodSettings'] ?? []) as readonly {
    readonly HttpMethod?: string;
    readonly ResourcePath?: string;
    readonly ThrottlingRateLimit?: number;
    readonly ThrottlingBurstLimit?: number;
  }[];
  return new Map(
    settings.flatMap(
      ({ HttpMethod, ResourcePath = '', ThrottlingRateLimit, ThrottlingBurstLimit }) =>
        ThrottlingRateLimit === undefined || ThrottlingBurstLimit === undefined
          ? []
          : [
              [
                // `/~1v1~1status`: the path as an escaped JSON Pointer token (RFC 6901 §3).
                `${HttpMethod} ${ResourcePath.slice(1).replaceAll('~1', '/').replaceAll('~0', '~')}`,
                { rate: ThrottlingRateLimit, burst: ThrottlingBurstLimit },
              ],
            ],
    ),
  );
}

interface UsagePlanProperties {
  readonly ApiStages?: readonly { readonly ApiId?: string; readonly Stage?: string }[];
  readonly Throttle?: { readonly RateLimit?: number; readonly BurstLimit?: number };
  readonly Quota?: { readonly Limit?: number; readonly Period?: string };
}

/**
 * The usage plan of every enabled key of this stage; a key belongs to at most one plan per stage.
 */
function usagePlansOf(
  templates: Templates,
  apiId: string,
  stage: string,
): ReadonlyMap<string, UsagePlanDefinition> {
  const plans = new Map<string, UsagePlanDefinition>();
  for (const { identity, properties } of templates.resources('AWS::ApiGateway::UsagePlan')) {
    const { ApiStages = [], Throttle, Quota } = properties as UsagePlanProperties;
    if (!ApiStages.some((at) => at.ApiId === apiId && at.Stage === stage)) continue;
    plans.set(identity.ref, {
      throttle: Throttle && {
        rate: Number(Throttle.RateLimit),
        burst: Number(Throttle.BurstLimit),
      },
      quota: Quota && {
        limit: Number(Quota.Limit),
        period: Quota.Period === 'MONTH' ? 'MONTH' : 'DAY',
      },
    });
  }
  const values = new Map(
    templates
      .resources('AWS::ApiGateway::ApiKey')
      .filter(({ properties }) => properties['Enabled'] === true)
      .map(({ identity, properties }) => [identity.ref, textOf(properties['Value'])]),
  );
  return new Map(
    templates.resources('AWS::ApiGateway::UsagePlanKey').flatMap(({ properties }) => {
      const value = values.get(textOf(properties['KeyId']));
      const plan = plans.get(textOf(properties['UsagePlanId']));
      return value === undefined || plan === undefined ? [] : [[value, plan] as const];
    }),
  );
}

function pathsOf(resources: readonly Resource[], rootId: string): Map<string, string> {
  const paths = new Map([[rootId, '/']]);
  const pathOf = (resource: Resource): string => {
    const known = paths.get(resource.identity.ref);
    if (known !== undefined) return known;
    const parentId = resource.properties['ParentId'];
    const parent = resources.find(({ identity }) => identity.ref === parentId);
    const base = parent === undefined ? '/' : pathOf(parent);
    const path = `${base === '/' ? '' : base}/${String(resource.properties['PathPart'])}`;
    paths.set(resource.identity.ref, path);
    return path;
  };
  for (const resource of resources) pathOf(resource);
  return paths;
}

function authorizerOf({ properties, identity }: Resource): AuthorizerDefinition {
  const validation = properties['IdentityValidationExpression'];
  return {
    id: identity.ref,
    type: properties['Type'] === 'REQUEST' ? 'REQUEST' : 'TOKEN',
    functionArn: functionArnOf(String(properties['AuthorizerUri'])),
    identitySources: textOf(properties['IdentitySource'])
      .split(',')
      .map((source) => source.trim())
      .filter((source) => source !== ''),
    validation: typeof validation === 'string' ? new RegExp(validation) : undefined,
    ttlSeconds: Number(properties['AuthorizerResultTtlInSeconds'] ?? 300),
  };
}

interface IntegrationProperties {
  readonly Type?: string;
  readonly Uri?: string;
  readonly TimeoutInMillis?: number;
  readonly IntegrationResponses?: readonly {
    StatusCode: string;
    ResponseParameters?: Record<string, string>;
  }[];
}

function methodOf(
  { properties }: Resource,
  {
    paths,
    authorizers,
    throttles,
  }: {
    readonly paths: ReadonlyMap<string, string>;
    readonly authorizers: ReadonlyMap<string, AuthorizerDefinition>;
    readonly throttles: ReadonlyMap<string, Throttle>;
  },
): MethodDefinition {
  const integration = (properties['Integration'] ?? {}) as IntegrationProperties;
  const resourceId = String(properties['ResourceId']);
  const custom = properties['AuthorizationType'] === 'CUSTOM';
  const httpMethod = String(properties['HttpMethod']);
  const resourcePath = paths.get(resourceId) ?? '/';
  return {
    httpMethod,
    resourcePath,
    apiKeyRequired: properties['ApiKeyRequired'] === true,
    throttle: throttles.get(`${httpMethod} ${resourcePath}`) ?? throttles.get('* *'),
    resourceId: resourceId.slice(-10),
    authorizer: custom ? authorizers.get(String(properties['AuthorizerId'])) : undefined,
    functionArn:
      integration.Type === 'AWS_PROXY' ? functionArnOf(integration.Uri ?? '') : undefined,
    mock: integration.Type === 'MOCK' ? mockOf(integration) : undefined,
    integrationTimeoutMs: integration.TimeoutInMillis ?? 29_000,
  };
}

function mockOf({ IntegrationResponses = [] }: IntegrationProperties): MockIntegration {
  const [first] = IntegrationResponses;
  return {
    status: Number(first?.StatusCode ?? 200),
    headers: headersOf(first?.ResponseParameters ?? {}, 'method.response.header.'),
  };
}

function responseOf({ properties }: Resource): [string, GatewayResponseDefinition] {
  const parameters = (properties['ResponseParameters'] ?? {}) as Record<string, string>;
  const status = properties['StatusCode'];
  return [
    String(properties['ResponseType']),
    {
      status: status === undefined ? undefined : Number(status),
      headers: headersOf(parameters, 'gatewayresponse.header.'),
      templates: (properties['ResponseTemplates'] ?? {}) as Record<string, string>,
    },
  ];
}

const headersOf = (
  parameters: Readonly<Record<string, string>>,
  prefix: string,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length).toLowerCase(), value]),
  );

/**
 * `arn:aws:apigateway:…:lambda:path/2015-03-31/functions/<ARN>/invocations`: of a function, or of its
 * alias or version, on which the permission must stand then.
 */
const functionArnOf = (uri: string): string =>
  /\/functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
