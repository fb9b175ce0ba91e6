import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AuthorizerFunction } from '../../lambdas/capabilities/authorizer/function.ts';
import { capabilityFunctions } from '../capability-functions.ts';
import type { StageConfiguration } from '../config.ts';
import { ApiFirewall } from '../constructs/api-firewall.ts';
import { CapabilityApi } from '../constructs/capability-api.ts';
import { UsagePlans } from '../constructs/client-usage.ts';
import type { FunctionBundles } from '../constructs/function-bundles.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import { operations } from '../operations.ts';
import type { PlatformNetwork } from '../constructs/platform-network.ts';
import type { DataStack } from './data.ts';
import type { JobsStack } from './jobs.ts';

export interface ApiStackProps extends StackProps {
  readonly configuration: StageConfiguration;
  readonly bundles: FunctionBundles;
  readonly data: DataStack;
  readonly network?: PlatformNetwork | undefined;
  readonly jobs: JobsStack;
}

/**
 * The REST API, its authorizer, and the function of every capability that has routes. A function's
 * permissions are granted in `lambdas/capabilities/<name>/function.ts`.
 */
export class ApiStack extends Stack {
  readonly api: CapabilityApi;
  readonly authorizer: PlatformFunction;
  readonly usagePlans: UsagePlans;
  /** By capability. */
  readonly functions: ReadonlyMap<string, PlatformFunction>;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    const { configuration, bundles, data, network, jobs } = props;
    const given = { configuration, bundles, data, network, bulkJob: jobs.bulkJob };
    this.authorizer = new AuthorizerFunction(this, given);
    this.functions = new Map(
      [...capabilityFunctions].map(([name, Function]) => [name, new Function(this, given)]),
    );
    this.api = new CapabilityApi(this, {
      configuration,
      operations,
      functions: this.functions,
      authorizer: this.authorizer,
    });
    this.usagePlans = new UsagePlans(this, { configuration, api: this.api });
    new ApiFirewall(this, { configuration, api: this.api });
  }

  /** @throws Error if no capability of this name has routes */
  functionOf(capability: string): PlatformFunction {
    const found = this.functions.get(capability);
    if (found === undefined) throw new Error(`no function serves the routes of ${capability}`);
    return found;
  }
}
