import { Stack } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { StageConfiguration } from '../config.ts';

/**
 * Where callers reach the API, without a trailing slash: issuer and audience of its tokens, and the
 * one place that says so. Known when the app is synthesised, so that no function has to believe the
 * host that a request names.
 */
export function publicAddress(api: RestApi, { publicBaseUrl, stage }: StageConfiguration): string {
  if (publicBaseUrl !== undefined) return publicBaseUrl;
  const { region, urlSuffix } = Stack.of(api);
  return `https://${api.restApiId}.execute-api.${region}.${urlSuffix}/${stage}`;
}
