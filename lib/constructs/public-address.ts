import { Stack } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { StageConfiguration } from '../config.ts';

/**
 * The API's public base URL without a trailing slash: issuer and audience of its tokens, defined
 * only here. It is known at synthesis, so that functions do not have to trust the Host header of a
 * request.
 */
export function publicAddress(api: RestApi, { publicBaseUrl, stage }: StageConfiguration): string {
  if (publicBaseUrl !== undefined) return publicBaseUrl;
  const { region, urlSuffix } = Stack.of(api);
  return `https://${api.restApiId}.execute-api.${region}.${urlSuffix}/${stage}`;
}
