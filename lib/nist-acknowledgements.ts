import { Validations, type App } from 'aws-cdk-lib';

/** What NIST 800-53 R5 asks by rule and the platform answers otherwise, with the reason for a reviewer. */
const acknowledged: Readonly<Record<string, string>> = {
  APIGWAssociatedWithWAF:
    'Production has the firewall unless -c firewall=false; stages for trials and tests have it with -c firewall=true.',
  APIGWCacheEnabledAndEncrypted:
    'The gateway caches nothing: answers are about one person at one moment, and public documents are cached by who fetched them.',
  APIGWSSLEnabled:
    'Every integration calls Lambda by its own service; there is no HTTP backend to prove itself to.',
  CloudWatchLogGroupEncrypted:
    'CloudWatch Logs encrypts every group under a key that AWS owns; a log holds no personal data (a test greps for it).',
  DynamoDBInBackupPlan:
    'Where backup is on, it holds services and identities. Sessions, lists and jobs expire or are loaded again. All tables have point-in-time recovery.',
  IAMNoInlinePolicy:
    'Each role has one policy of its own, for exactly its purpose; a managed policy could be attached elsewhere.',
  LambdaConcurrency:
    'Production reserves for logins, and bounds bulk checks and jobs; the rest, and all of a trial, share what the account has.',
  LambdaDLQ:
    'Functions of the API and of state machines are called synchronously. A failed ingestion goes to a queue; the other scheduled functions take up with the next run what one left.',
  LambdaInsideVPC:
    'Functions that reach AWS alone, or webhooks at any public address, gain nothing from a network; those that reach J-LIS join it by -c vpc.',
  S3BucketReplicationEnabled:
    'Lists are loaded again from their sources, uploads and results live a week, logs are not needed to serve.',
  S3BucketVersioningEnabled:
    'Versions would keep uploads of personal data past their deletion; access logs are written once.',
  S3DefaultEncryptionKMS: 'S3 delivers server access logs to buckets with SSE-S3 only.',
  VPCDefaultSecurityGroupClosed:
    'Nothing joins the default group; functions and endpoints have groups of their own.',
  VPCNoUnrestrictedRouteToIGW: 'The public subnets hold the NAT gateways, whose way out this is.',
  WAFv2LoggingEnabled:
    'The access log of API Gateway has every request, a blocked one too, and a metric counts the blocks of each rule. A log of the firewall would hold addresses and headers.',
};

/** Accepts these findings of `NIST80053R5Checks` wherever in the app they are made. */
export function acknowledgeNist(app: App): void {
  for (const [rule, reason] of Object.entries(acknowledged))
    Validations.of(app).acknowledge({ id: `NIST.800.53.R5-${rule}`, reason });
}
