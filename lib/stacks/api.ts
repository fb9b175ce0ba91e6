import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { routes, type FunctionName } from '../../lambdas/platform/http/routes.ts';
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

/** MiB that Lambda gives a whole CPU for; signatures are what these functions spend it on. */
const oneCpu = 1769;

/** The gateway gives up a little later, so that our own answer is heard. */
const gatewayTimeout = Duration.seconds(28);

/** A challenge is used up by an update; an Idempotency-Key is reserved, answered, or given back. */
const idempotency = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'] as const;

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

    // As long as the others: its table's three tries take 9 s, and their end is a 503 where its own were a 500.
    this.authorizer = define('authorizer', 'Checks access tokens before every protected route');
    data.tokenKey.grantVerifyTokens(this.authorizer);
    data.services.grantActions(this.authorizer, 'GetItem');

    const tokens = define('tokens', 'Issues access tokens for private_key_jwt');
    data.tokenKey.grantSignTokens(tokens);
    data.services.grantActions(tokens, 'GetItem');
    data.sessions.grantActions(tokens, 'PutItem');

    const services = define('services', 'Registers services, their status and keys');
    data.services.grantActions(services, 'GetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem');
    data.sessions.grantActions(services, ...idempotency);

    const challenges = define('challenges', 'Creates challenges');
    data.sessions.grantActions(challenges, 'PutItem');

    const authentications = define('authentications', 'Authenticates a card and issues PPIDs', {
      memorySize: oneCpu,
    });
    data.ppidKey.grantIssue(authentications);
    data.identityKeys.grantFind(authentications);
    data.sessions.grantActions(authentications, ...idempotency);
    data.identity.grantActions(authentications, 'GetItem', 'PutItem', 'ConditionCheckItem');
    data.revocation.grantActions(authentications, 'GetItem', 'BatchGetItem');

    const attributeStatus = define(
      'attribute-status',
      'Tells whether the attributes of a person changed',
    );
    data.identityKeys.grantFind(attributeStatus);
    data.identity.grantActions(attributeStatus, 'GetItem', 'Query', 'PutItem');
    data.revocation.grantActions(attributeStatus, 'GetItem', 'BatchGetItem');

    const certificates = define('certificates', 'Validates certificates', { memorySize: oneCpu });
    data.revocation.grantActions(certificates, 'GetItem', 'BatchGetItem');

    const revocations = define(
      'revocation-checks',
      'Checks serials in bulk, tells the age of the lists',
      {
        memorySize: oneCpu,
        timeout: gatewayTimeout,
      },
    );
    data.revocation.grantActions(revocations, 'GetItem', 'BatchGetItem', 'Query');
    data.revocationBucket.grantReadFilters(revocations);

    const bulkJobs = define('jobs', 'Creates, starts, follows and cancels bulk jobs');
    data.jobs.grantActions(bulkJobs, 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'BatchWriteItem');
    data.sessions.grantActions(bulkJobs, ...idempotency);
    data.jobsBucket.grantOffer(bulkJobs);
    jobs.bulkJob.grantRun(bulkJobs);

    const status = define('status', 'Status, OpenAPI document and documentation page');

    this.functions = {
      tokens,
      services,
      challenges,
      authentications,
      'attribute-status': attributeStatus,
      certificates,
      'revocation-checks': revocations,
      jobs: bulkJobs,
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
