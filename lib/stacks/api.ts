import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { routes, type FunctionName } from '../../lambdas/http/routes.ts';
import type { StageConfiguration } from '../config.ts';
import { ApiFirewall } from '../constructs/api-firewall.ts';
import { CapabilityApi } from '../constructs/capability-api.ts';
import type { FunctionBundles } from '../constructs/function-bundles.ts';
import { PlatformFunction } from '../constructs/platform-function.ts';
import type { DataStack } from './data.ts';
import type { JobsStack } from './jobs.ts';

export interface ApiStackProps extends StackProps {
  readonly configuration: StageConfiguration;
  readonly bundles: FunctionBundles;
  readonly data: DataStack;
  readonly jobs: JobsStack;
}

/** The REST API, its authorizer, and one function per capability with what each may touch. */
export class ApiStack extends Stack {
  readonly api: CapabilityApi;
  readonly authorizer: PlatformFunction;
  readonly functions: Readonly<Record<FunctionName, PlatformFunction>>;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    const { configuration, bundles, data, jobs } = props;
    const define = (
      capability: string,
      description: string,
      size: { memorySize?: number; timeout?: Duration } = {},
    ) => new PlatformFunction(this, capability, { configuration, bundles, description, ...size });

    this.authorizer = define('authorizer', 'Checks access tokens before every route', {
      timeout: Duration.seconds(5),
    });
    data.tokenKey.grantVerifyTokens(this.authorizer);
    data.services.grantActions(this.authorizer, 'GetItem');

    const oauth = define('oauth', 'Issues access tokens (private_key_jwt)');
    data.tokenKey.grantSignTokens(oauth);
    data.services.grantActions(oauth, 'GetItem');
    data.sessions.grantActions(oauth, 'PutItem');

    const services = define('services', 'Registers services, their status and keys');
    data.services.grantActions(services, 'GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem');
    data.sessions.grantActions(services, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem');

    const challenges = define('challenges', 'Creates challenges');
    data.sessions.grantActions(challenges, 'PutItem');

    const authentications = define('authentications', 'Authenticates a card and issues PPIDs', {
      memorySize: 1769,
    });
    data.ppidKey.grantIssue(authentications);
    data.indexKey.grantFind(authentications);
    data.services.grantActions(authentications, 'GetItem');
    data.sessions.grantActions(authentications, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem');
    data.identity.grantActions(
      authentications,
      'GetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'ConditionCheckItem',
    );
    data.revocation.grantActions(authentications, 'GetItem', 'BatchGetItem', 'Query');

    const certificates = define('certificates', 'Validates certificates', { memorySize: 1769 });
    data.services.grantActions(certificates, 'GetItem');
    data.revocation.grantActions(certificates, 'GetItem', 'BatchGetItem', 'Query');

    const revocations = define('revocations', 'Checks serials in bulk', {
      memorySize: 1769,
      timeout: Duration.seconds(29),
    });
    data.revocation.grantActions(revocations, 'GetItem', 'BatchGetItem', 'Query');
    data.revocationBucket.grantReadFilters(revocations);

    const jobsFunction = define('jobs', 'Creates, starts and follows bulk jobs');
    data.jobs.grantActions(
      jobsFunction,
      'GetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'BatchWriteItem',
    );
    // It signs upload and download URLs with its own rights, and deletes what is cancelled.
    data.jobsBucket.grantObjects(jobsFunction, 'GetObject', 'PutObject', 'DeleteObject');
    jobs.bulkJob.grantRun(jobsFunction);

    const status = define('status', 'Status, OpenAPI document and documentation page');

    this.functions = {
      oauth,
      services,
      challenges,
      authentications,
      certificates,
      revocations,
      jobs: jobsFunction,
      status,
    };
    this.api = new CapabilityApi(this, {
      configuration,
      routes,
      functions: this.functions,
      authorizer: this.authorizer,
    });
    new ApiFirewall(this, { configuration, stage: this.api.deploymentStage });
  }
}
