import { AccessDenied } from './access-denied.ts';
import { type RequestContext, evaluate } from './conditions.ts';
import { fits } from './pattern.ts';
import { type Grant, listOf } from './policy-document.ts';
import type { Principal } from './principals.ts';

/** One action on one resource that a request requires. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context?: RequestContext;
}

/**
 * Checks the permission of a principal that is already authenticated.
 * @throws AccessDenied
 */
export type RequireRights = (...needs: readonly Need[]) => void;

/** Policies that apply in addition to the principal's own. */
export interface ResourcePolicies {
  readonly account: string;
  /** The resource policy of a key, bucket or function. */
  grantsOn(resource: string): readonly Grant[] | undefined;
}

/** Called with every grant that allowed an action. */
export type OnGrantUsed = (grant: Grant) => void;

/** Ids of grants withdrawn for a test. */
export type Withheld = ReadonlySet<string>;

/**
 * Whether the principal may (IAM user guide, "Policy evaluation logic", within one account): an
 * explicit Deny first, then an Allow of the principal's own policies or of the resource's. A KMS key
 * is governed by its key policy alone, which may hand the decision over to IAM by naming the account.
 *
 * @throws AccessDenied in AWS's words
 */
export function authorize(
  principal: Principal,
  need: Need,
  policies: ResourcePolicies,
  withheld: Withheld,
  used: OnGrantUsed,
): void {
  const context = contextOf(principal, need, policies.account);
  const identity = principal.kind === 'role' ? principal.grants : [];
  const resource = policies.grantsOn(need.resource) ?? [];
  const about = (grant: Grant): boolean =>
    fits(grant.action, need.action, true) && fits(grant.resource, need.resource);
  // A statement that cannot be evaluated is applied if it denies and ignored if it allows.
  const denies = (grant: Grant): boolean =>
    grant.effect === 'Deny' &&
    about(grant) &&
    evaluate(grant.statement.Condition, context) !== 'fails';
  const allows = (grant: Grant): boolean =>
    grant.effect === 'Allow' &&
    !withheld.has(grant.id) &&
    about(grant) &&
    evaluate(grant.statement.Condition, context) === 'holds';

  if (identity.some(denies))
    throw refusal(principal, need, 'with an explicit deny in an identity-based policy');
  const named = (grant: Grant): Match => matchPrincipal(grant, principal, policies.account);
  if (resource.some((grant) => named(grant) !== 'no' && denies(grant)))
    throw refusal(principal, need, 'with an explicit deny in a resource-based policy');

  const byIdentity = identity.filter(allows);
  const byResource = resource.filter((grant) => named(grant) !== 'no' && allows(grant));
  const direct = byResource.filter((grant) => named(grant) === 'direct');
  const isKey = need.action.startsWith('kms:') && need.resource.includes(':key/');
  const delegated = byResource.length > direct.length;
  if (direct.length > 0) {
    for (const grant of direct) used(grant);
    return;
  }
  if (byIdentity.length > 0 && (!isKey || delegated)) {
    for (const grant of byIdentity) used(grant);
    if (isKey) for (const grant of byResource) used(grant);
    return;
  }
  const lacks = isKey && !delegated ? 'resource' : 'identity';
  throw refusal(
    principal,
    need,
    `because no ${principal.kind === 'service' ? 'resource' : lacks}-based policy allows the ${need.action} action`,
  );
}

type Match = 'no' | 'direct' | 'account';

/** The principals that a resource policy names. The account itself delegates to IAM (`account`). */
function matchPrincipal({ statement }: Grant, principal: Principal, account: string): Match {
  const { Principal: named } = statement;
  if (named === '*') return 'direct';
  if (typeof named !== 'object') return 'no';
  if (principal.kind === 'service')
    return listOf(named['Service']).includes(principal.service) ||
      listOf(named['AWS']).includes('*')
      ? 'direct'
      : 'no';
  const arns = listOf(named['AWS']);
  if (arns.includes('*')) return 'direct';
  if (arns.includes(principal.roleArn) || arns.includes(principal.sessionArn)) return 'direct';
  if (arns.some((arn) => arn === account || arn === `arn:aws:iam::${account}:root`))
    return 'account';
  return 'no';
}

function contextOf(principal: Principal, need: Need, account: string): RequestContext {
  const common = {
    'aws:PrincipalAccount': account,
    'aws:ResourceAccount': account,
    // The endpoints represent those of AWS, which use TLS only.
    'aws:SecureTransport': 'true',
    's3:TlsVersion': '1.3',
    'kms:CallerAccount': account,
    ...need.context,
  };
  if (principal.kind === 'service')
    return {
      ...common,
      'aws:PrincipalIsAWSService': 'true',
      'aws:PrincipalServiceName': principal.service,
      'aws:SourceArn': principal.sourceArn,
      'aws:SourceAccount': account,
    };
  return {
    ...common,
    'aws:PrincipalIsAWSService': 'false',
    'aws:PrincipalType': 'AssumedRole',
    'aws:PrincipalArn': principal.roleArn,
    ...Object.fromEntries(
      Object.entries(principal.tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]),
    ),
  };
}

function refusal(principal: Principal, { action, resource }: Need, why: string): AccessDenied {
  const who = principal.kind === 'role' ? `User: ${principal.sessionArn}` : principal.service;
  return new AccessDenied(
    `${who} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
  );
}
