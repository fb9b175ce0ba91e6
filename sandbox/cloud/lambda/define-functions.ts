import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Iam } from '../iam/iam.ts';
import { serviceFor } from '../iam/principals.ts';
import { type Resource, type Templates, textOf } from '../template/evaluate.ts';
import type { Identity } from '../template/identity.ts';
import { LambdaFunction } from './lambda-function.ts';
import type { LogSink } from './log-sink.ts';

export interface FunctionsDependencies {
  readonly templates: Templates;
  readonly assets: ReadonlyMap<string, string>;
  /** AWS_ENDPOINT_URL_… of the sandbox's services. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly clockOffset: SharedArrayBuffer;
  readonly logs: LogSink;
  readonly concurrency: number;
  readonly iam: Iam;
  /** Replaces the API's AWS URL with the local one. */
  readonly addressed: (value: string) => string;
}

/**
 * Every Node.js function of the assembly, by name and by ARN; none is started yet. Its aliases and its
 * version are names of the same environments: the version of a deployment is the code of `$LATEST`,
 * and versions of earlier deployments are not here.
 */
export function defineFunctions(dependencies: FunctionsDependencies): Map<string, LambdaFunction> {
  const functions = new Map<string, LambdaFunction>();
  const qualified = (type: string, functionName: string): Resource[] =>
    dependencies.templates
      .resources(type)
      .filter(({ properties }) => properties['FunctionName'] === functionName);
  for (const resource of dependencies.templates.resources('AWS::Lambda::Function')) {
    const { properties, identity } = resource;
    if (!String(properties['Runtime']).startsWith('nodejs')) continue;
    const { ref: functionName } = identity;
    const [published] = qualified('AWS::Lambda::Version', functionName);
    const version = published?.identity.attributes['Version'] ?? '$LATEST';
    const functionArn = identity.attributes['Arn'] ?? functionName;
    const memorySize = Number(properties['MemorySize'] ?? 128);
    const [moduleName = 'index', handler = 'handler'] = String(properties['Handler']).split('.');
    const settings = {
      functionName,
      functionArn,
      version,
      module: moduleUrl(codeFolder(resource, dependencies.assets), moduleName),
      handler,
      memorySize,
      environment: {
        ...environmentOf(resource, dependencies),
        AWS_LAMBDA_FUNCTION_VERSION: version,
      },
      timeoutMs: Number(properties['Timeout'] ?? 3) * 1000,
      concurrency: Math.min(
        dependencies.concurrency,
        Number(properties['ReservedConcurrentExecutions'] ?? dependencies.concurrency),
      ),
      clockOffset: dependencies.clockOffset,
    };
    const log = logOf(resource, dependencies);
    const fn = new LambdaFunction(settings, log);
    functions.set(functionName, fn).set(functionArn, fn);
    for (const type of ['AWS::Lambda::Version', 'AWS::Lambda::Alias'])
      for (const {
        identity: { ref },
      } of qualified(type, functionName))
        functions.set(ref, fn);
  }
  return functions;
}

/** Lambda's quota for all environment variables of one function: 4 KB in total. */
const environmentBytes = 4096;

/** The variables that Lambda sets, then the function's own. */
function environmentOf({ properties, identity }: Resource, dependencies: FunctionsDependencies) {
  const { region } = dependencies.templates.environment;
  const { Variables = {} } = (properties['Environment'] ?? {}) as {
    Variables?: Record<string, string>;
  };
  // Lambda counts names and values of the function's own variables only.
  const bytes = Buffer.byteLength(Object.entries(Variables).flat().join(''));
  if (bytes > environmentBytes)
    throw new Error(
      `Lambda was unable to configure the environment variables of ${identity.ref} because the environment variables you have provided exceeded the 4KB limit: ${bytes} bytes`,
    );
  const credentials = dependencies.iam.issueFor(
    textOf(properties['Role']),
    lambdaFor(identity),
    identity.ref,
  );
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: identity.ref,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: textOf(properties['MemorySize'], '128'),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_EXECUTION_ENV: `AWS_Lambda_${String(properties['Runtime'])}`,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    // The machine's AWS configuration must not reach a function.
    AWS_CONFIG_FILE: '/nonexistent/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
    AWS_EC2_METADATA_DISABLED: 'true',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...dependencies.endpoints,
    ...Object.fromEntries(
      Object.entries(Variables).map(([name, value]) => [name, dependencies.addressed(value)]),
    ),
  };
}

const lambdaFor = ({ attributes }: Identity) => serviceFor('lambda', attributes['Arn'] ?? '');

/**
 * Writes a log line with the function's own permissions: a role without them has no log, and no
 * error is reported.
 */
function logOf(
  { logicalId, properties, identity }: Resource,
  { iam, logs, templates }: FunctionsDependencies,
) {
  const { account, region } = templates.environment;
  const { LogGroup = `/aws/lambda/${identity.ref}` } = (properties['LoggingConfig'] ?? {}) as {
    LogGroup?: string;
  };
  const resource = `arn:aws:logs:${region}:${account}:log-group:${LogGroup}:log-stream:sandbox`;
  return (text: string): void => {
    const role = iam.mayAssume(textOf(properties['Role']), lambdaFor(identity), identity.ref);
    const written =
      role !== undefined &&
      iam.may(role, { action: 'logs:CreateLogStream', resource }) &&
      iam.may(role, { action: 'logs:PutLogEvents', resource });
    if (written) logs.write(logicalId.slice(0, -8), text);
  };
}

function codeFolder(resource: Resource, assets: ReadonlyMap<string, string>): string {
  const code = (resource.properties['Code'] ?? {}) as { S3Key?: string; ZipFile?: string };
  if (code.ZipFile !== undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'mykey-inline-'));
    writeFileSync(join(folder, 'index.js'), code.ZipFile);
    return folder;
  }
  const hash = /([^/.]+)\.\w+$/.exec(code.S3Key ?? '')?.[1] ?? '';
  const folder = assets.get(hash);
  if (folder === undefined)
    throw new Error(`the assembly holds no asset ${code.S3Key} for ${resource.logicalId}`);
  return folder;
}

function moduleUrl(folder: string, name: string): string {
  const extension = ['mjs', 'cjs', 'js'].find((end) => existsSync(join(folder, `${name}.${end}`)));
  return pathToFileURL(join(folder, `${name}.${extension ?? 'mjs'}`)).href;
}
