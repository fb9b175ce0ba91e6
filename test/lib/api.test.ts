import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { usageKeyValue } from '../../lambdas/capabilities/services/usage-key.ts';
import { errorCodes } from '../../lambdas/errors.ts';
import { defaultLinkageBudget } from '../../lambdas/people/linkage-budget.ts';
import { defaultRevocationBudget } from '../../lambdas/pki/limits.ts';
import { problems } from '../../lambdas/platform/http/problems.ts';
import { operations } from '../../lib/operations.ts';
import { synthesisePlatform } from './synthesise-platform.ts';

interface MethodResource {
  readonly Properties: {
    readonly HttpMethod: string;
    readonly ResourceId: { readonly Ref?: string };
    readonly AuthorizationType: string;
    readonly AuthorizerId?: unknown;
    readonly ApiKeyRequired?: boolean;
    readonly Integration: { readonly Uri: unknown };
  };
}

interface GatewayResponse {
  readonly Properties: {
    readonly ResponseType: string;
    readonly StatusCode: string;
    readonly ResponseParameters: Readonly<Record<string, string>>;
    readonly ResponseTemplates: { readonly 'application/json': string };
  };
}

describe('the REST API', () => {
  let api: Template;
  beforeAll(() => {
    api = synthesisePlatform('production').templates.api;
  });

  it('has the routes of the catalogue and no other, each before its own function', () => {
    const methods = Object.values(
      api.findResources('AWS::ApiGateway::Method') as Record<string, MethodResource>,
    ).map(({ Properties }) => {
      const integrated = /"([A-Z]\w+?)Live[0-9A-F]{8}"/.exec(
        JSON.stringify(Properties.Integration.Uri),
      );
      const path = pathOf(api, Properties.ResourceId.Ref!) || '/';
      return `${Properties.HttpMethod} ${path} ${Properties.AuthorizationType} ${integrated?.[1]}`;
    });
    const catalogue = operations.map(({ method, path, scope, capability: name }) =>
      [method, path, scope === 'public' ? 'NONE' : 'CUSTOM', pascal(name)].join(' '),
    );
    // Other methods of a path come to its function past the authorizer, which answers them 405.
    const others = operations.map(
      ({ path, capability: name }) => `ANY ${path} NONE ${pascal(name)}`,
    );
    expect(methods.toSorted()).toEqual([...catalogue, ...new Set(others)].toSorted());
  });

  it('asks the authorizer for the header, and keeps its answer for a minute', () => {
    api.hasResourceProperties('AWS::ApiGateway::Authorizer', {
      Type: 'REQUEST',
      IdentitySource: 'method.request.header.Authorization',
      AuthorizerResultTtlInSeconds: 60,
    });
  });

  it('gives a login five seconds more than its maximum wait for J-LIS', () => {
    const functions = api.findResources('AWS::Lambda::Function');
    const login = Object.keys(functions).find((id) => id.startsWith('Authentications'));
    const { latestMs } = defaultLinkageBudget;
    expect(functions[login!]!['Properties'].Timeout * 1000).toBeGreaterThanOrEqual(
      latestMs + 5_000,
    );
    expect(latestMs).toBeGreaterThanOrEqual(
      defaultRevocationBudget.totalMs + defaultLinkageBudget.totalMs,
    );
  });

  it('returns problem+json for every response of the gateway itself', () => {
    const responses = Object.values(
      api.findResources('AWS::ApiGateway::GatewayResponse') as Record<string, GatewayResponse>,
    ).map(({ Properties }) => Properties);
    expect(responses.map(({ ResponseType }) => ResponseType)).toEqual(
      expect.arrayContaining([
        'UNAUTHORIZED',
        'ACCESS_DENIED',
        'WAF_FILTERED',
        'DEFAULT_4XX',
        'DEFAULT_5XX',
      ]),
    );
    for (const { ResponseType, StatusCode, ResponseParameters, ResponseTemplates } of responses) {
      expect(ResponseParameters['gatewayresponse.header.content-type']).toBe(
        "'application/problem+json'",
      );
      const problem = JSON.parse(ResponseTemplates['application/json']) as Record<string, unknown>;
      globalThis.codeEmitted?.(String(problem['code']));
      expect(String(problem['status'])).toBe(StatusCode);
      if (ResponseType === 'ACCESS_DENIED') {
        expect(problem['code']).toBe('$context.authorizer.code');
      } else if (ResponseType === 'AUTHORIZER_FAILURE') {
        expect(problem['code']).toBe('dependency-unavailable');
      } else {
        const code = errorCodes.find((known) => known === problem['code'])!;
        expect(problem).toMatchObject({
          title: problems[code].title,
          status: problems[code].status,
        });
      }
      expect('gatewayresponse.header.www-authenticate' in ResponseParameters).toBe(
        StatusCode === '401',
      );
      expect('gatewayresponse.header.retry-after' in ResponseParameters).toBe(
        ['429', '503'].includes(StatusCode),
      );
      // A caller acts on what is used up: pause for a second, or wait for another day.
      const quotas: Readonly<Record<string, string>> = {
        THROTTLED: 'requests-per-second',
        QUOTA_EXCEEDED: 'client-requests-per-day',
      };
      expect(problem['quota']).toBe(quotas[ResponseType]);
    }
    expect(responses.map(({ ResponseType }) => ResponseType)).toEqual(
      expect.arrayContaining(['THROTTLED', 'QUOTA_EXCEEDED', 'INVALID_API_KEY']),
    );
  });

  it('counts every protected route on the API key that the authorizer names, no other', () => {
    api.hasResourceProperties('AWS::ApiGateway::RestApi', { ApiKeySourceType: 'AUTHORIZER' });
    const methods = Object.values(
      api.findResources('AWS::ApiGateway::Method') as Record<string, MethodResource>,
    );
    for (const { Properties } of methods)
      expect(Properties.ApiKeyRequired ?? false).toBe(Properties.AuthorizationType === 'CUSTOM');
  });

  it('bounds clients, the operator in rate alone, and those from before not', () => {
    const plans = Object.values(api.findResources('AWS::ApiGateway::UsagePlan')).map(
      ({ Properties: { UsagePlanName, Throttle, Quota, ApiStages } }) => {
        expect(ApiStages).toHaveLength(1);
        return [UsagePlanName, Throttle, Quota];
      },
    );
    const throttle = { RateLimit: 400, BurstLimit: 800 };
    expect(plans).toEqual([
      ['my-key-platform-production-clients', throttle, { Limit: 5_000_000, Period: 'DAY' }],
      ['my-key-platform-production-operators', throttle, undefined],
      ['my-key-platform-production-earlierclients', undefined, undefined],
    ]);
  });

  it('has as many client keys as configured, in stacks within CloudFormation’s limit', () => {
    const { clientKeys: stacks } = synthesisePlatform('dev', { clientKeys: '201' });
    const values = stacks.flatMap((stack) =>
      Object.values(stack.findResources('AWS::ApiGateway::ApiKey')).map(
        ({ Properties: { Enabled, Value } }) => [Enabled, Value],
      ),
    );
    expect(values).toEqual(
      Array.from({ length: 201 }, (_, n) => [true, usageKeyValue('dev', n + 1)]),
    );
    for (const [, value] of values) expect(value).toMatch(/^[a-z\d]{20,128}$/);
    for (const stack of stacks)
      expect(Object.keys(stack.toJSON()['Resources']).length).toBeLessThanOrEqual(500);
  });

  it('logs routes and outcomes of requests, nothing of whom they are about', () => {
    const [stage] = Object.values(api.findResources('AWS::ApiGateway::Stage')) as {
      Properties: {
        AccessLogSetting: { Format: string };
        MethodSettings: Record<string, unknown>[];
      };
    }[];
    const { AccessLogSetting, MethodSettings } = stage!.Properties;
    expect(AccessLogSetting.Format).not.toMatch(
      /\$context\.(path|identity|requestOverride|authorizer\.principalId|domainName)\b/,
    );
    for (const settings of MethodSettings) expect(settings['DataTraceEnabled']).not.toBe(true);
  });

  it('limits the rate of all routes, with lower limits for bulk checks and public routes', () => {
    api.hasResourceProperties('AWS::ApiGateway::Stage', {
      MethodSettings: Match.arrayWith([
        Match.objectLike({
          HttpMethod: 'POST',
          ResourcePath: '/~1oauth2~1token',
          ThrottlingRateLimit: 500,
        }),
      ]),
    });
    api.hasResourceProperties('AWS::ApiGateway::Stage', {
      MethodSettings: Match.arrayWith([
        Match.objectLike({
          HttpMethod: '*',
          ResourcePath: '/*',
          ThrottlingRateLimit: 2000,
          ThrottlingBurstLimit: 4000,
        }),
        Match.objectLike({
          HttpMethod: 'POST',
          ResourcePath: '/~1v1~1revocations~1check',
          ThrottlingRateLimit: 50,
        }),
      ]),
    });
  });

  it('distinguishes a blocked request from an invalid one, also in the firewall’s own response', () => {
    api.hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType: 'WAF_FILTERED',
      StatusCode: '403',
    });
    const [{ Properties }] = Object.values(api.findResources('AWS::WAFv2::WebACL')) as [
      { Properties: { CustomResponseBodies: Record<string, { Content: string }> } },
    ];
    expect(JSON.parse(Properties.CustomResponseBodies['too-many-requests']!.Content)).toMatchObject(
      { status: 429, code: 'too-many-requests' },
    );
    api.hasResourceProperties('AWS::WAFv2::WebACL', {
      Rules: Match.arrayWith([
        Match.objectLike({
          Name: 'RatePerAddress',
          Action: {
            Block: {
              CustomResponse: Match.objectLike({ CustomResponseBodyKey: 'too-many-requests' }),
            },
          },
        }),
      ]),
    });
  });

  it("keeps the gateway's own log for the time of the stage", () => {
    const [group] = Object.entries(
      api.findResources('AWS::Logs::LogGroup', {
        Properties: {
          LogGroupName: {
            'Fn::Join': ['', ['API-Gateway-Execution-Logs_', Match.anyValue(), '/production']],
          },
          RetentionInDays: 731,
        },
      }),
    );
    api.hasResource('AWS::ApiGateway::Stage', { DependsOn: Match.arrayWith([group![0]]) });
  });

  it('keeps executions for logins, and bounds what bulk checks may take', () => {
    const reserved = Object.fromEntries(
      Object.entries(api.findResources('AWS::Lambda::Function'))
        .filter(([, { Properties }]) => Properties.ReservedConcurrentExecutions !== undefined)
        .map(([id, { Properties }]) => [
          id.replace(/[0-9A-F]{8}$/, ''),
          Properties.ReservedConcurrentExecutions,
        ]),
    );
    expect(reserved).toEqual({
      Authorizer: 50,
      Tokens: 50,
      Challenges: 50,
      Authentications: 50,
      ReadingSessions: 50,
      RevocationChecks: 20,
    });
  });

  it('lets one address send what the stage lets through, and ask for fewer tokens', () => {
    api.hasResourceProperties('AWS::WAFv2::WebACL', {
      Rules: Match.arrayWith([
        Match.objectLike({
          Name: 'RatePerAddress',
          Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 600_000 } },
        }),
        Match.objectLike({
          Name: 'TokensPerAddress',
          Statement: { RateBasedStatement: Match.objectLike({ Limit: 20_000 }) },
        }),
      ]),
    });
  });

  it('has a firewall in production, without samples of requests', () => {
    api.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
    api.hasResourceProperties('AWS::WAFv2::WebACL', {
      VisibilityConfig: { SampledRequestsEnabled: false },
    });
    synthesisePlatform('dev').templates.api.resourceCountIs('AWS::WAFv2::WebACL', 0);
  });
});

const pascal = (name: string): string =>
  name.replaceAll(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());

/** Follows a resource's parents up to the root. */
function pathOf(template: Template, resourceId: string): string {
  const resources = template.findResources('AWS::ApiGateway::Resource') as Record<
    string,
    { Properties: { PathPart: string; ParentId: { Ref?: string } } }
  >;
  const resource = resources[resourceId];
  if (resource === undefined) return '';
  const { PathPart, ParentId } = resource.Properties;
  return `${pathOf(template, ParentId.Ref ?? '')}/${PathPart}`;
}
