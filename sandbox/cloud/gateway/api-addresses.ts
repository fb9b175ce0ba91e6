import { type Templates, textOf } from '../template/evaluate.ts';
import type { ApiDefinition } from './api-definition.ts';

/**
 * The addresses at which AWS would serve an API, without a trailing slash: its own and those of custom
 * domains. Here it answers on a port of this machine, and what the template says of its address is
 * read as that: what name resolution does elsewhere.
 */
export function apiAddresses(templates: Templates, api: ApiDefinition): readonly string[] {
  const { region } = templates.environment;
  const mapped = templates
    .resources('AWS::ApiGateway::BasePathMapping')
    .filter(({ properties }) => properties['RestApiId'] === api.id);
  return [
    `https://${api.id}.execute-api.${region}.amazonaws.com/${api.stage}`,
    ...mapped.map(({ properties }) => {
      const path = textOf(properties['BasePath']);
      return `https://${textOf(properties['DomainName'])}${path === '' ? '' : `/${path}`}`;
    }),
  ];
}

/** The API with its gateway responses as they are said here. */
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

/** A variable's value with the API's address as it is here. */
export const addressedHere = (value: string, addresses: readonly string[], here: string): string =>
  addresses.reduce((text, address) => text.replaceAll(address, here), value);
