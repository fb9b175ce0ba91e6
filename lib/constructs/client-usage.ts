import {
  CfnApiKey,
  CfnUsagePlan,
  CfnUsagePlanKey,
  type CfnUsagePlanProps,
  type RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import {
  usageKeyValue,
  type UsageKeyHolder,
} from '../../lambdas/capabilities/services/usage-key.ts';
import type { StageConfiguration } from '../config.ts';

/**
 * API Gateway usage plans, metered by the API key that the authorizer returns. Every client has its
 * own rate, burst and quota. The operator has a rate but no quota, so that an exhausted quota can
 * be corrected. Clients registered before usage keys existed have neither.
 */
export class UsagePlans extends Construct {
  readonly clientPlanId: string;

  constructor(
    scope: Construct,
    { configuration, api }: { readonly configuration: StageConfiguration; readonly api: RestApi },
  ) {
    super(scope, 'UsagePlans');
    const { stage, clients } = configuration;
    const plan = (id: string, limits: Pick<CfnUsagePlanProps, 'throttle' | 'quota'>): string =>
      new CfnUsagePlan(this, id, {
        usagePlanName: `my-key-platform-${stage}-${id.toLowerCase()}`,
        apiStages: [{ apiId: api.restApiId, stage: api.deploymentStage.stageName }],
        ...limits,
      }).ref;
    const throttle = { rateLimit: clients.rate, burstLimit: clients.burst };
    this.clientPlanId = plan('Clients', {
      throttle,
      quota: { limit: clients.requestsPerDay, period: 'DAY' },
    });
    new UsageKey(this, 'Operator', {
      stage,
      holder: 'operator',
      planId: plan('Operators', { throttle }),
    });
    new UsageKey(this, 'Earlier', { stage, holder: 'earlier', planId: plan('EarlierClients', {}) });
  }
}

/** One API key and its usage plan. */
export class UsageKey extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly stage: string;
      readonly holder: UsageKeyHolder;
      readonly planId: string;
    },
  ) {
    super(scope, id);
    const { stage, holder, planId } = props;
    const key = new CfnApiKey(this, 'Key', {
      enabled: true,
      name: `my-key-platform-${stage}-${holder}`,
      value: usageKeyValue(stage, holder),
    });
    new CfnUsagePlanKey(this, 'PlanKey', {
      keyId: key.ref,
      keyType: 'API_KEY',
      usagePlanId: planId,
    });
  }
}
