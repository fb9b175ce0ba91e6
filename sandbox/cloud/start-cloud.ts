import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AsyncDelivery } from './events/deliver.ts';
import { type EventBus, startEventBus } from './events/start-event-bus.ts';
import { addressedHere, answeringHere, apiAddresses } from './gateway/api-addresses.ts';
import { readApis } from './gateway/api-definition.ts';
import type { RenderedResponse } from './gateway/gateway-response.ts';
import { startGateway } from './gateway/start-gateway.ts';
import { defineFunctions } from './lambda/define-functions.ts';
import type { LambdaFunction } from './lambda/lambda-function.ts';
import { LogSink } from './lambda/log-sink.ts';
import { startLambdaEndpoint } from './lambda/start-lambda-endpoint.ts';
import { freePort } from './free-port.ts';
import { createKeys } from './provision/create-keys.ts';
import { createTables } from './provision/create-tables.ts';
import { RequestLog } from '../requests/request-log.ts';
import { Iam } from './iam/iam.ts';
import { type PolicyDocument } from './iam/policy-document.ts';
import { type Credentials, serviceFor, withoutHash } from './iam/principals.ts';
import { keepTables } from './keep-tables.ts';
import { keptEntries } from './kept-entries.ts';
import { startDynamoDbGate } from './start-dynamodb-gate.ts';
import { startKms } from './start-kms.ts';
import { startS3 } from './start-s3.ts';
import { startStepFunctions } from './step-functions/start-step-functions.ts';
import { upgradeTables } from './upgrade/upgrade-tables.ts';
import { readAssembly } from './template/assembly.ts';
import { type Environment, Templates } from './template/evaluate.ts';

export interface ServiceOptions {
  /** Directory for tables, keys, objects and logs; without it all is in memory or temporary. */
  readonly dataDir?: string | undefined;
  /** One BigInt64: milliseconds by which the sandbox's clock differs from the machine's. */
  readonly clockOffset?: SharedArrayBuffer | undefined;
  /** Prints what the functions log. */
  readonly verbose?: boolean;
  /** Receives events of the services, one line each. */
  readonly tell?: (line: string) => void;
  /** Called once when the services can no longer serve; receives the reason and the cure. */
  readonly onEnd?: (why: string) => void;
}

export type CloudOptions = ServiceOptions & ServeOptions;

export interface ServeOptions {
  /** A synthesised cloud assembly (cdk.out). */
  readonly assemblyDir: string;
  /** TCP port of the REST API on loopback; 0 takes a free one. */
  readonly port: number;
  /** Called just before the API listens. */
  readonly releasePort?: () => Promise<void>;
  /** Maximum number of environments of one function. */
  readonly concurrency?: number;
  /** Answers a path instead of its function while the tables are unavailable. */
  readonly whenOut?: (path: string, why: string) => RenderedResponse | undefined;
}

export interface Cloud {
  /** `http://localhost:PORT`, where the REST API is. */
  readonly url: string;
  /** AWS_ENDPOINT_URL_… as in the functions' environment. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly templates: Templates;
  /** What the functions printed, `function: text`. */
  readonly logs: readonly string[];
  /** How many lines they ever printed; `logs` forgets the oldest. */
  readonly logCount: number;
  /** What they printed after the first `count` lines. */
  logsSince(count: number): readonly string[];
  /** Requests to the API, without personal data. */
  readonly requests: RequestLog;
  /** Lambda's Invoke API (`aws --endpoint-url … lambda invoke`). */
  readonly lambdaEndpoint: string;
  /** DynamoDB Local's port, open on every address of the machine. */
  readonly tablesPort: number;
  readonly iam: Iam;
  /** Credentials with the template's OperatorPolicy only, for the operator's command line. */
  readonly operator: Credentials;
  /** Invokes a function by its name, ARN or capability (`ingest-crl`). @throws InvocationError */
  invoke(name: string, event: unknown): Promise<unknown>;
  /** Runs every schedule now. */
  runSchedules(): void;
  /** Resolves when no asynchronous event is pending. */
  settled(): Promise<void>;
  /** Whether a function serves an event or an asynchronous event is pending. */
  readonly serving: boolean;
  /** ARNs of the executions of state machines that have not ended; also those that wait. */
  readonly runningExecutions: readonly string[];
  close(): Promise<void>;
}

const environment: Environment = { account: '000000000000', region: 'ap-northeast-1' };

/** Serves a cloud assembly on localhost, as defined by its templates. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const services = await startServices(options);
  try {
    return await services.serve(options);
  } catch (cause) {
    await services.close();
    throw cause;
  }
}

export interface Services {
  serve(options: ServeOptions): Promise<Cloud>;
  close(): Promise<void>;
}

/**
 * The services that do not need the API, which can start while the assembly is being synthesised:
 * tables, keys, objects, state machines.
 */
export async function startServices(options: ServiceOptions): Promise<Services> {
  const { dataDir, clockOffset = new SharedArrayBuffer(8) } = options;
  const offset = new BigInt64Array(clockOffset);
  const now = () => Date.now() + Number(Atomics.load(offset, 0));
  const within = (name: string) => (dataDir === undefined ? undefined : join(dataDir, name));
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });
  const requests = new RequestLog();
  const logs = new LogSink({
    folder: within('logs'),
    echo: options.verbose ?? false,
    onLine: (line) => requests.noteLine(line),
  });
  const keepMessage = keptEntries(within('queues'));
  const keepTask = keptEntries(within('execution-histories'));
  const functions = new Map<string, LambdaFunction>();
  let templates: Templates | undefined;
  let bus: EventBus | undefined;

  const iam = new Iam({ ...environment, now, log: (line) => logs.write('iam', line) });

  const tell = (line: string): void => {
    logs.write('dynamodb', `${line}\n`);
    options.tell?.(line);
  };
  const ended = (why: string): void => {
    logs.write('dynamodb', `${why}\n`);
    options.onEnd?.(why);
  };
  const starting = [
    keepTables({ dataDir: within('dynamodb'), tell, onEnd: ended }),
    startKms({ dataDir, now, iam, ...environment }),
    startS3({
      dataDir: within('s3'),
      now,
      iam,
      onObjectCreated: (bucket, object, by) => bus?.objectCreated(bucket, object, by),
    }),
  ] as const;
  const [tables, kms, s3] = await Promise.all(starting).catch(async (cause: unknown) => {
    for (const service of await Promise.allSettled(starting))
      if (service.status === 'fulfilled') await service.value.close();
    throw cause;
  });
  if (s3.store.swept > 0) logs.write('s3', `removed ${s3.store.swept} files of no object\n`);
  const gate = await startDynamoDbGate({
    address: () => tables.address(),
    shortage: () => tables.shortage(),
    iam,
    environment,
  });
  const sfn = await startStepFunctions(
    {
      functions,
      store: s3.store,
      folder: within('executions'),
      now,
      log: (line) => logs.write('step-functions', line),
      keepTask: (machineArn, task) => keepTask(machineArn.split(':').at(-1)!, task),
      rightsOf:
        (roleArn, machineArn, execution) =>
        (...needs) =>
          iam.authorize(iam.assume(roleArn, serviceFor('states', machineArn), execution), ...needs),
    },
    () => templates as Templates,
    iam,
  );
  const delivery = new AsyncDelivery(
    functions,
    (arn, input) => sfn.executions.start(arn, input),
    (line) => logs.write('events', line),
    iam,
    (queueArn, message) => keepMessage(queueArn.split(':').at(-1)!, message),
  );
  const endpoints = {
    AWS_ENDPOINT_URL_DYNAMODB: gate.url,
    AWS_ENDPOINT_URL_KMS: kms.endpoint,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ENDPOINT_URL_SFN: sfn.endpoint,
  };
  const close = async (): Promise<void> => {
    bus?.close();
    delivery.close();
    await sfn.close();
    await Promise.all([...new Set(functions.values())].map((fn) => fn.close()));
    await Promise.all([s3.close(), kms.close(), gate.close()]);
    await tables.close();
    logs.close();
  };

  async function serve(cloud: ServeOptions): Promise<Cloud> {
    const { assemblyDir, releasePort, whenOut, concurrency = 6 } = cloud;
    const port = cloud.port === 0 ? await freePort() : cloud.port;
    const assembly = readAssembly(assemblyDir);
    const read = new Templates(assembly, environment);
    templates = read;
    const [api, ...others] = readApis(read);
    if (api === undefined || others.length > 0)
      throw new Error(`the assembly in ${assemblyDir} must define one REST API`);
    iam.load(read);
    const { assets } = assembly;
    const addresses = apiAddresses(read, api);
    const addressed = (value: string): string =>
      addressedHere(value, addresses, `http://localhost:${port}`);
    const shared = { templates: read, assets, endpoints, clockOffset, logs, iam, addressed };
    for (const [name, fn] of defineFunctions({ ...shared, concurrency })) functions.set(name, fn);
    createKeys(kms.keys, read, now());
    for (const bucket of read.resources('AWS::S3::Bucket'))
      s3.store.createBucket(bucket.identity.ref);
    const address = await tables.address();
    await createTables(address, [
      ...read.resources('AWS::DynamoDB::Table'),
      ...read.resources('AWS::DynamoDB::GlobalTable'),
    ]);
    if (dataDir !== undefined)
      await upgradeTables({ address, templates: read, kms: kms.keys, tell });
    bus = startEventBus(read, delivery, now, iam);
    const log = (line: string) => logs.write('gateway', line);
    const mayInvoke = (functionArn: string, sourceArn: string): boolean =>
      iam.may(serviceFor('apigateway', sourceArn), {
        action: 'lambda:InvokeFunction',
        resource: functionArn,
      });
    const find = (name: string) => findFunction(functions, read, name);
    const lambda = await startLambdaEndpoint(find, iam);
    await releasePort?.();
    const instead = (path: string): RenderedResponse | undefined => {
      const outage = tables.outage();
      return outage === undefined ? undefined : whenOut?.(path, outage);
    };
    const gateway = await startGateway({
      api: answeringHere(api, addressed),
      functions,
      port,
      now,
      log,
      mayInvoke,
      instead,
      requests,
    });
    sfn.executions.resume();
    const eventBus = bus;
    return {
      url: gateway.url,
      endpoints,
      functions,
      templates: read,
      logs: logs.lines,
      get logCount() {
        return logs.count;
      },
      logsSince: (count) => logs.since(count),
      requests,
      iam,
      operator: iam.issueTo('Operator', ...operatorPolicies(read)),
      lambdaEndpoint: lambda.url,
      tablesPort: Number(new URL(address.endpoint).port),
      async invoke(name, event) {
        const fn = find(name);
        if (fn === undefined) throw new Error(`the assembly defines no function ${name}`);
        return JSON.parse(await fn.invoke(JSON.stringify(event))) as unknown;
      },
      runSchedules: () => eventBus.runSchedules(),
      settled: () => delivery.settled(),
      get serving() {
        return delivery.busy || [...functions.values()].some((fn) => fn.serving);
      },
      get runningExecutions() {
        return sfn.executions.running;
      },
      async close() {
        await Promise.all([gateway.close(), lambda.close()]);
        await close();
      },
    };
  }
  return { serve, close };
}

/** The assembly's policies for the operator at a terminal; empty if it has none. */
const operatorPolicies = (templates: Templates): PolicyDocument[] =>
  templates
    .resources('AWS::IAM::ManagedPolicy')
    .filter(({ logicalId }) => withoutHash(logicalId) === 'OperatorPolicy')
    .map(({ properties }) => properties['PolicyDocument'] as PolicyDocument);

/** By name, ARN or the logical id without its hash (`ingest-crl` for `IngestCrlCF96F41D`). */
function findFunction(
  functions: ReadonlyMap<string, LambdaFunction>,
  templates: Templates,
  name: string,
): LambdaFunction | undefined {
  const wanted = name.replaceAll('-', '').toLowerCase();
  const resource = templates
    .resources('AWS::Lambda::Function')
    .find(({ logicalId }) => logicalId.slice(0, -8).toLowerCase() === wanted);
  return functions.get(name) ?? functions.get(resource?.identity.ref ?? '');
}
