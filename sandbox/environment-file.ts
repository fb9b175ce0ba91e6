import { writeFileSync } from 'node:fs';
import type { Cloud } from './cloud/start-cloud.ts';

const wanted = /^AWS_(REGION|ENDPOINT_URL_\w+)$|_(TABLE|BUCKET)$/;

/**
 * The functions' endpoints, table and bucket names with the operator's credentials, for other
 * programs: the AWS command line, `npx mykey crl ingest`.
 */
export const serviceEnvironment = ({
  functions,
  operator,
}: Pick<Cloud, 'functions' | 'operator'>): Record<string, string> => ({
  ...Object.fromEntries(
    [...functions.values()]
      .flatMap(({ settings }) => Object.entries(settings.environment))
      .filter(([name]) => wanted.test(name)),
  ),
  AWS_ACCESS_KEY_ID: operator.accessKeyId,
  AWS_SECRET_ACCESS_KEY: operator.secretAccessKey,
  AWS_SESSION_TOKEN: operator.sessionToken,
});

/**
 * The same for a shell: `set -a; . FILE; set +a`. Adds the Lambda endpoint, which the functions do
 * not have, and the region's older variable name for version 1 of the AWS command line.
 */
export function writeEnvironmentFile(
  path: string,
  cloud: Pick<Cloud, 'functions' | 'operator' | 'lambdaEndpoint'>,
): void {
  const known = serviceEnvironment(cloud);
  const lines = Object.entries({
    ...known,
    AWS_DEFAULT_REGION: known['AWS_REGION'],
    AWS_ENDPOINT_URL_LAMBDA: cloud.lambdaEndpoint,
  }).map(([name, value]) => `${name}=${value}`);
  writeFileSync(path, `${lines.toSorted().join('\n')}\n`, { mode: 0o600 });
}
