import { Validations, type App } from 'aws-cdk-lib';

/** What NIST 800-53 R5 asks by rule and the platform answers otherwise, with the reason for a reviewer. */
const acknowledged: Readonly<Record<string, string>> = {
  APIGWAssociatedWithWAF:
    'Production has the firewall; a stage without it was asked for by -c firewall=false, or is for trials.',
  APIGWCacheEnabledAndEncrypted: 'Answers are about one person at one moment and are never cached.',
  APIGWSSLEnabled:
    'The API calls Lambda by its own service; there is no HTTP backend to prove itself to.',
  CloudWatchLogGroupEncrypted:
    'CloudWatch encrypts every group with a key of its own; a log holds no personal data (a test greps for it).',
  DynamoDBInBackupPlan:
    'Backups hold services and identities. Sessions, lists and jobs expire or are loaded again, and have point-in-time recovery.',
  IAMNoInlinePolicy:
    'Each role has one policy of its own, for exactly its function; a managed policy could be attached elsewhere.',
  LambdaConcurrency:
    'Classes that could starve others are reserved (concurrency settings); the rest share what the account has.',
  LambdaDLQ:
    'Functions behind the API and the state machine are called synchronously. Ingestion has a destination on failure; the watch runs again within the hour.',
  LambdaInsideVPC:
    'Functions that reach AWS services alone gain nothing from a network; those that reach J-LIS join it by -c vpc.',
  S3BucketReplicationEnabled:
    'Lists are loaded again from their sources, uploads and results live a week, logs are not needed to serve.',
  S3BucketVersioningEnabled:
    'Versions would keep uploads of personal data past their deletion; access logs are written once.',
  S3DefaultEncryptionKMS: 'S3 delivers server access logs to buckets with SSE-S3 only.',
  VPCDefaultSecurityGroupClosed:
    'Nothing joins the default group; functions and endpoints have groups of their own.',
  VPCNoUnrestrictedRouteToIGW: 'The public subnets hold the NAT gateways, whose way out this is.',
  WAFv2LoggingEnabled:
    'API Gateway logs every request. A log of the firewall would hold headers, and so access tokens.',
};

/** Accepts these findings of `NIST80053R5Checks` wherever in the app they are made. */
export function acknowledgeNist(app: App): void {
  for (const [rule, reason] of Object.entries(acknowledged))
    Validations.of(app).acknowledge({ id: `NIST.800.53.R5-${rule}`, reason });
}
