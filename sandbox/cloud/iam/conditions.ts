import { arnFits, fits } from './pattern.ts';
import { type Conditions, listOf } from './policy-document.ts';

/** Condition keys of a request with their values; an absent key has none. */
export type RequestContext = Readonly<Record<string, string | undefined>>;

/** `unknown`: an operator or a key that is not evaluated here; no decision may depend on it. */
export type Outcome = 'holds' | 'fails' | 'unknown';

type Test = (actual: string, wanted: string) => boolean;

const equal: Test = (actual, wanted) => actual === wanted;
const same: Test = (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase();
const numbers =
  (test: (actual: number, wanted: number) => boolean): Test =>
  (actual, wanted) =>
    test(Number(actual), Number(wanted));

/** Operators of the IAM user guide, "IAM JSON policy elements: Condition operators". */
const tests: Readonly<Record<string, Test>> = {
  StringEquals: equal,
  StringEqualsIgnoreCase: same,
  StringLike: (actual, wanted) => fits(wanted, actual),
  ArnEquals: (actual, wanted) => arnFits(wanted, actual),
  ArnLike: (actual, wanted) => arnFits(wanted, actual),
  Bool: same,
  NumericEquals: numbers((actual, wanted) => actual === wanted),
  NumericLessThan: numbers((actual, wanted) => actual < wanted),
  NumericLessThanEquals: numbers((actual, wanted) => actual <= wanted),
  NumericGreaterThan: numbers((actual, wanted) => actual > wanted),
  NumericGreaterThanEquals: numbers((actual, wanted) => actual >= wanted),
};

/** Also true for an absent key, and if none of the values matches. */
const negated: Readonly<Record<string, Test>> = {
  StringNotEquals: equal,
  StringNotEqualsIgnoreCase: same,
  StringNotLike: tests['StringLike']!,
  ArnNotEquals: tests['ArnLike']!,
  ArnNotLike: tests['ArnLike']!,
  NumericNotEquals: tests['NumericEquals']!,
};

/**
 * Condition keys to which this sandbox gives a value as AWS does; tags and encryption context by
 * prefix.
 */
const evaluatedKeys = new Set(
  [
    'aws:PrincipalArn',
    'aws:PrincipalAccount',
    'aws:PrincipalType',
    'aws:PrincipalIsAWSService',
    'aws:PrincipalServiceName',
    'aws:ResourceAccount',
    'aws:RequestedRegion',
    'aws:SecureTransport',
    'aws:SourceAccount',
    'aws:SourceArn',
    'aws:SourceIp',
    'aws:SourceVpc',
    'aws:SourceVpce',
    'aws:ViaAWSService',
    'aws:MultiFactorAuthPresent',
    'kms:CallerAccount',
    'kms:ViaService',
    'kms:KeySpec',
    'kms:KeyUsage',
    'kms:MacAlgorithm',
    'kms:SigningAlgorithm',
    'kms:MessageType',
    'kms:RequestAlias',
    'kms:GrantIsForAWSResource',
    's3:prefix',
    's3:TlsVersion',
    's3:x-amz-server-side-encryption',
    's3:x-amz-server-side-encryption-aws-kms-key-id',
  ].map((name) => name.toLowerCase()),
);

const isEvaluated = (key: string): boolean =>
  evaluatedKeys.has(key.toLowerCase()) || /^aws:PrincipalTag\//i.test(key);

/** All operators, and all keys of each, must match. */
export function evaluate(conditions: Conditions | undefined, context: RequestContext): Outcome {
  let outcome: Outcome = 'holds';
  for (const [operator, keys] of Object.entries(conditions ?? {}))
    for (const [key, wanted] of Object.entries(keys)) {
      const one = evaluateOne(operator, key, listOf(wanted).map(String), context);
      if (one === 'fails') return 'fails';
      if (one === 'unknown') outcome = 'unknown';
    }
  return outcome;
}

const answer = (holds: boolean): Outcome => (holds ? 'holds' : 'fails');

function evaluateOne(
  operator: string,
  key: string,
  wanted: readonly string[],
  context: RequestContext,
): Outcome {
  if (!isEvaluated(key)) return 'unknown';
  const actual = valueOf(context, key);
  if (operator === 'Null') return answer(wanted.includes(String(actual === undefined)));
  const [, name = '', ifExists] = /^(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const test = tests[name] ?? negated[name];
  if (test === undefined) return 'unknown';
  const negative = name in negated;
  if (actual === undefined) return answer(negative || ifExists !== undefined);
  return answer(wanted.some((value) => test(actual, value)) !== negative);
}

/** Names of condition keys are case-insensitive, those of tags within them too. */
function valueOf(context: RequestContext, key: string): string | undefined {
  const direct = context[key];
  if (direct !== undefined) return direct;
  const lower = key.toLowerCase();
  for (const name in context) if (name.toLowerCase() === lower) return context[name];
  return undefined;
}
