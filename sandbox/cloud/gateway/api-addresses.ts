import { type Templates, textOf } from '../template/evaluate.ts';
import type { ApiDefinition } from './api-definition.ts';

/**
 * The URLs at which AWS would serve an API, without a trailing slash: its own and those of custom
 * domains. The sandbox serves it on a local port and replaces these URLs in template values, where
 * AWS would rely on DNS.
 */
export function apiAddresses(templates: Templates, api: ApiDefinition): readonly string[] {
  const { region } = templates.environment;
  const mapped = [
    ...templates.resources('AWS::ApiGateway::BasePathMapping'),
    ...templates.resources('AWS::ApiGateway::BasePathMappingV2'),
  ].filter(({ properties }) => properties['RestApiId'] === api.id);
  return [
    `https://${api.id}.execute-api.${region}.amazonaws.com/${api.stage}`,
    ...mapped.map(({ properties }) => {
      const path = textOf(properties['BasePath']);
      return `https://${hostOf(properties)}${path === '' ? '' : `/${path}`}`;
    }),
  ];
}

/** A private domain is named by its ARN, `…/domainnames/HOST+ID`. */
function hostOf({ DomainName, DomainNameArn }: Readonly<Record<string, unknown>>): string {
  if (DomainNameArn === undefined) return textOf(DomainName);
  return textOf(DomainNameArn).replace(/^.*\/domainnames\/([^+]+).*$/, '$1');
}

/** The API with the URLs in its gateway responses replaced. */
export const answeringHere = (
  api: ApiDefinition,
  addressed: (text: string) => string,
): ApiDefinition => ({
  ...api,
  responses: new Map(
    [...api.responses].map(([type, response]) => [
      type,
      {
        ...response,
        templates: Object.fromEntries(
          Object.entries(response.templates).map(([mediaType, text]) => [
            mediaType,
            addressed(text),
          ]),
        ),
      },
    ]),
  ),
});

/** An environment variable's value with the API's URL replaced by the local one. */
export const addressedHere = (value: string, addresses: readonly string[], here: string): string =>
  addresses.reduce((text, address) => text.replaceAll(address, here), value);
