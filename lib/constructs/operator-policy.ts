import { CfnOutput } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { PlatformTable } from './platform-table.ts';
import type { RevocationBucket } from './revocation-bucket.ts';

export interface OperatorPolicyProps {
  readonly ingest: IFunction;
  readonly revocation: PlatformTable;
  readonly revocationBucket: RevocationBucket;
}

/**
 * Permissions of the operator at a terminal: attach this policy to the role that the operator
 * assumes. It covers revocation lists only; no people's records, no keys, no jobs.
 *
 * - `npx mykey crl ingest`: reads the pointer, writes pages, filters and the
 *   comparison with the former list, switches the pointer.
 * - `aws s3 cp list.crl s3://…/drops/`: hands a list to the ingestion.
 * - `aws lambda invoke … ingest-crl`: loads the lists of the sources now.
 */
export class OperatorPolicy extends ManagedPolicy {
  constructor(scope: Construct, { ingest, revocation, revocationBucket }: OperatorPolicyProps) {
    super(scope, 'OperatorPolicy', {
      description: 'My Key Platform: what the operator may do from a terminal',
    });
    const allow = (actions: string[], ...resources: string[]): void =>
      this.addStatements(new PolicyStatement({ actions, resources }));
    allow(['lambda:InvokeFunction'], ingest.functionArn);
    allow(
      ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:BatchWriteItem'],
      revocation.servingArn,
    );
    allow(
      ['s3:PutObject'],
      revocationBucket.arnForObjects('drops/*'),
      revocationBucket.arnForObjects('filters/*'),
      revocationBucket.arnForObjects('differences/*'),
    );
    // Lists of hundreds of megabytes are uploaded in parts.
    allow(['s3:AbortMultipartUpload'], revocationBucket.arnForObjects('drops/*'));
    revocationBucket.acknowledgeObjects(
      this,
      'the operator',
      'drops/*',
      'filters/*',
      'differences/*',
    );
    new CfnOutput(scope, 'OperatorPolicyArn', {
      value: this.managedPolicyArn,
      description: 'Attach to the role that the operator assumes at a terminal',
    });
  }
}
