import { CfnIPSet, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { ErrorCode } from '../../lambdas/errors.ts';
import { problems, problemType } from '../../lambdas/platform/http/problems.ts';
import type { StageConfiguration } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import type { CapabilityApi } from './capability-api.ts';
import { deploymentLimits } from '../limits.ts';

const tooMany = 'too-many-requests';
const blocked = 'request-blocked';

/** AWS WAF managed rules for the API, if enabled for the stage. */
export class ApiFirewall extends Construct {
  constructor(
    scope: Construct,
    props: { readonly configuration: StageConfiguration; readonly api: CapabilityApi },
  ) {
    super(scope, 'Firewall');
    const { configuration, api } = props;
    const stage = api.deploymentStage;
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
      customResponseBodies: {
        [tooMany]: problemBody(tooMany, api.publicAddress),
        [blocked]: problemBody(blocked, api.publicAddress),
      },
      rules: [
        managedRules(0, 'AWSManagedRulesAmazonIpReputationList'),
        managedRules(1, 'AWSManagedRulesKnownBadInputsRuleSet'),
        {
          name: 'RatePerAddress',
          priority: 2,
          action: wait,
          statement: {
            rateBasedStatement: { aggregateKeyType: 'IP', limit: configuration.firewallRate },
          },
          visibilityConfig: visibility('rate-per-address'),
        },
        {
          name: 'TokensPerAddress',
          priority: 3,
          action: wait,
          statement: {
            rateBasedStatement: {
              aggregateKeyType: 'IP',
              limit: deploymentLimits.tokensPerAddress,
              scopeDownStatement: pathIs('/oauth2/token', 'ENDS_WITH'),
            },
          },
          visibilityConfig: visibility('tokens-per-address'),
        },
        ...this.#operatorRule(configuration),
      ],
    });
    new CfnWebACLAssociation(this, 'Association', {
      resourceArn: stage.stageArn,
      webAclArn: webAcl.attrArn,
    });
  }

  /** The API's resource policy refuses these too; the firewall returns a problem document. */
  #operatorRule({ address }: StageConfiguration): CfnWebACL.RuleProperty[] {
    if (address.operatorNetworks.length === 0) return [];
    const networks = new CfnIPSet(this, 'OperatorNetworks', {
      scope: 'REGIONAL',
      ipAddressVersion: 'IPV4',
      addresses: [...address.operatorNetworks],
    });
    const elsewhere = {
      notStatement: { statement: { ipSetReferenceStatement: { arn: networks.attrArn } } },
    };
    return [
      {
        name: 'OperatorNetworks',
        priority: 4,
        action: {
          block: { customResponse: { responseCode: 403, customResponseBodyKey: blocked } },
        },
        statement: { andStatement: { statements: [operatorCalls, elsewhere] } },
        visibilityConfig: visibility('operator-networks'),
      },
    ];
  }
}

const wait: CfnWebACL.RuleActionProperty = {
  block: {
    customResponse: {
      responseCode: 429,
      customResponseBodyKey: tooMany,
      responseHeaders: [{ name: 'retry-after', value: '300' }],
    },
  },
};

/** Routes for operators only: a service's own client may read its service and rotate its keys. */
const operatorCalls: CfnWebACL.StatementProperty = {
  orStatement: {
    statements: [
      call('post', '/v1/services'),
      call('put', '/status'),
      call('put', '/grants'),
      call('put', '/counter'),
      pathIs('/v1/persons/flags', 'CONTAINS'),
      pathIs('/v1/persons/acts', 'CONTAINS'),
      pathIs('/v1/rights/behalf', 'CONTAINS'),
      // The person's own request ends at the name.
      pathIs('/v1/rights/corrections/', 'CONTAINS'),
      call('post', '/v1/key-versions/reseal'),
    ],
  },
};

function call(method: string, pathEnd: string): CfnWebACL.StatementProperty {
  return {
    andStatement: {
      statements: [
        {
          byteMatchStatement: {
            searchString: method,
            fieldToMatch: { method: {} },
            positionalConstraint: 'EXACTLY',
            textTransformations: [{ priority: 0, type: 'LOWERCASE' }],
          },
        },
        pathIs(pathEnd, 'ENDS_WITH'),
      ],
    },
  };
}

function pathIs(
  searchString: string,
  positionalConstraint: 'CONTAINS' | 'ENDS_WITH',
): CfnWebACL.StatementProperty {
  return {
    byteMatchStatement: {
      searchString,
      fieldToMatch: { uriPath: {} },
      positionalConstraint,
      textTransformations: [{ priority: 0, type: 'NORMALIZE_PATH' }],
    },
  };
}

/**
 * The firewall responds before the gateway does: a problem document (RFC 9457) without `instance`.
 */
function problemBody(code: ErrorCode, publicAddress: string): CfnWebACL.CustomResponseBodyProperty {
  const { status, title } = problems[code];
  const content = JSON.stringify({ type: problemType(code, publicAddress), title, status, code });
  return { contentType: 'APPLICATION_JSON', content };
}

// The common rule set is omitted: its body limit of 8 KiB would block bulk checks.
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
  // Samples would record whole requests, including bodies and tokens.
  sampledRequestsEnabled: false,
});
