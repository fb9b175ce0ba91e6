import { Duration, Validations, type App, type StackProps } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';
import type { StageConfiguration } from './config.ts';
import { FunctionBundles } from './constructs/function-bundles.ts';
import { acknowledgeNist } from './nist-acknowledgements.ts';
import { readDeployment } from './deployment/read-deployment.ts';
import { ApiStack } from './stacks/api.ts';
import { ClientKeysStack, keysOfOneStack } from './stacks/client-keys.ts';
import { CrlIngestionStack } from './stacks/crl-ingestion.ts';
import { DataStack } from './stacks/data.ts';
import { JobsStack } from './stacks/jobs.ts';
import { NetworkStack } from './stacks/network.ts';
import { ObservabilityStack } from './stacks/observability.ts';
import { RightsStack } from './stacks/rights.ts';

export interface Platform {
  /** Present if the settings ask for it. */
  readonly network?: NetworkStack;
  readonly data: DataStack;
  readonly ingestion: CrlIngestionStack;
  readonly jobs: JobsStack;
  readonly rights: RightsStack;
  readonly api: ApiStack;
  readonly clientKeys: readonly ClientKeysStack[];
  readonly observability: ObservabilityStack;
}

/** The complete platform for one stage; cdk-nag's AwsSolutions and NIST rules check it at synthesis. */
export function definePlatform(app: App, configuration: StageConfiguration): Platform {
  const trustProfile = readDeployment(configuration);
  const { crlSources, crlMaxAgeMs } = trustProfile;
  const bundles = new FunctionBundles(configuration.deploymentFile);
  const name = (part: string): string => `MyKeyPlatform-${configuration.stage}-${part}`;
  const props = (description: string): StackProps & { configuration: StageConfiguration } => ({
    configuration,
    description: `My Key Platform (${configuration.stage}): ${description}`,
    // Tags are set on the stack: CloudFormation propagates them to every resource that supports
    // tags.
    tags: { 'my-key-platform:stage': configuration.stage },
    terminationProtection: configuration.stage === 'production',
  });

  const network = configuration.network && {
    network: new NetworkStack(app, name('Network'), {
      ...props('network to J-LIS'),
      network: configuration.network,
      trustProfile,
    }),
  };
  const placed = { network: network?.network.network };
  const data = new DataStack(app, name('Data'), props('tables, keys and buckets'));
  const ingestion = new CrlIngestionStack(app, name('CrlIngestion'), {
    ...props('loads revocation lists'),
    ...placed,
    crlSources,
    bundles,
    data,
  });
  const jobs = new JobsStack(app, name('Jobs'), {
    ...props('bulk revocation jobs'),
    ...placed,
    bundles,
    data,
  });
  const rights = new RightsStack(app, name('Rights'), {
    ...props('executes what persons asked for'),
    ...placed,
    bundles,
    data,
  });
  const api = new ApiStack(app, name('Api'), {
    ...props('the REST API'),
    ...placed,
    bundles,
    data,
    jobs,
  });
  const clientKeys = Array.from(
    { length: Math.ceil(configuration.clients.keys / keysOfOneStack) },
    (_, n) =>
      new ClientKeysStack(app, name(`ClientKeys${n + 1}`), {
        ...props(`API keys of clients, ${n + 1}`),
        first: n * keysOfOneStack + 1,
        clientPlanId: api.usagePlans.clientPlanId,
      }),
  );
  const observability = new ObservabilityStack(app, name('Observability'), {
    ...props('alarms and dashboard'),
    crlMaxAge: Duration.millis(crlMaxAgeMs),
    data,
    ingestion,
    jobs,
    rights,
    api,
  });
  bundles.discard();
  acknowledgeNist(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new NIST80053R5Checks(app));
  return { ...network, data, ingestion, jobs, rights, api, clientKeys, observability };
}
