import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { ErrorCode } from '../../lambdas/errors.ts';
import { problems, problemType } from '../../lambdas/platform/http/problems.ts';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';

const tooMany = 'too-many-requests';

/** Requests of one address in five minutes, before it is blocked for a while. */
const requestsPerAddress = 100_000;

/** AWS's managed rules before the API, where the stage pays for them. */
export class ApiFirewall extends Construct {
  constructor(
    scope: Construct,
    props: { readonly configuration: StageConfiguration; readonly stage: Stage },
  ) {
    super(scope, 'Firewall');
    const { configuration, stage } = props;
    if (!configuration.firewall) {
      acknowledge(
        stage,
        'APIG3',
        `Stage ${configuration.stage} runs without a firewall: firewall is off.`,
      );
      return;
    }
    const webAcl = new CfnWebACL(this, 'WebAcl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility('firewall'),
      customResponseBodies: { [tooMany]: problemBody(tooMany) },
      rules: [
        managedRules(0, 'AWSManagedRulesAmazonIpReputationList'),
        managedRules(1, 'AWSManagedRulesKnownBadInputsRuleSet'),
        {
          name: 'RatePerAddress',
          priority: 2,
          action: {
            block: {
              customResponse: {
                responseCode: 429,
                customResponseBodyKey: tooMany,
                responseHeaders: [{ name: 'retry-after', value: '300' }],
              },
            },
          },
          statement: {
            rateBasedStatement: { aggregateKeyType: 'IP', limit: requestsPerAddress },
          },
          visibilityConfig: visibility('rate-per-address'),
        },
      ],
    });
    new CfnWebACLAssociation(this, 'Association', {
      resourceArn: stage.stageArn,
      webAclArn: webAcl.attrArn,
    });
  }
}

/** The firewall answers by itself, before the gateway could: a problem (RFC 9457) without an instance. */
function problemBody(code: ErrorCode): CfnWebACL.CustomResponseBodyProperty {
  const { status, title } = problems[code];
  const content = JSON.stringify({ type: problemType(code), title, status, code });
  return { contentType: 'APPLICATION_JSON', content };
}

// The common rule set is left out: its body limit of 8 KiB would refuse bulk checks.
const managedRules = (priority: number, name: string): CfnWebACL.RuleProperty => ({
  name,
  priority,
  overrideAction: { none: {} },
  statement: { managedRuleGroupStatement: { vendorName: 'AWS', name } },
  visibilityConfig: visibility(name),
});

const visibility = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  metricName,
  cloudWatchMetricsEnabled: true,
  // A sample shows whole requests, bodies and tokens among them.
  sampledRequestsEnabled: false,
});
