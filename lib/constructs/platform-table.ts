import { Stack } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import type { DataKey } from './data-key.ts';
import type { PlatformFunction } from './platform-function.ts';
import { removalPolicyOf } from './removal-policy.ts';

/** DynamoDB actions by their API names; a transaction needs those of its parts. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'Scan'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem'
  | 'ConditionCheckItem';

/** One table: string `pk` and `sk`, paid by request. */
export class PlatformTable extends Table {
  readonly #environmentName: string;
  /** A table that was restored under another name, and serves in place of this one. */
  readonly #restored: string | undefined;

  /** @param name `Services` becomes the table's id and SERVICES_TABLE in a function's environment */
  constructor(
    scope: Construct,
    name: string,
    props: {
      readonly configuration: StageConfiguration;
      readonly dataKey: DataKey;
      /** Items leave at their `expiresAt` (epoch seconds). Without it no stray attribute deletes an item. */
      readonly itemsExpire?: true;
    },
  ) {
    const kept = props.configuration.stored === 'retain';
    super(scope, `${name}Table`, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      ...(props.itemsExpire && { timeToLiveAttribute: 'expiresAt' }),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.dataKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: kept,
      removalPolicy: removalPolicyOf(props.configuration),
    });
    this.#restored = props.configuration.restoredTables[name];
    this.#environmentName = `${name.toUpperCase()}_TABLE`;
  }

  /** An Idempotency-Key is reserved, answered, or given back. */
  grantIdempotency(fn: PlatformFunction): void {
    this.grantActions(fn, 'PutItem', 'UpdateItem', 'DeleteItem');
  }

  /** The name of the table that serves: this one, or one that was restored from it. */
  get servingName(): string {
    return this.#restored ?? this.tableName;
  }

  get servingArn(): string {
    return this.#restored === undefined
      ? this.tableArn
      : Stack.of(this).formatArn({
          service: 'dynamodb',
          resource: 'table',
          resourceName: this.#restored,
        });
  }

  /** Of the table that serves. */
  override metric(metricName: string, props?: MetricOptions): Metric {
    return new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: this.servingName },
      ...props,
    });
  }

  /** These actions on this table and no other, and where the function finds it. */
  grantActions(fn: PlatformFunction, ...actions: readonly TableAction[]): void {
    fn.allow(
      actions.map((action) => `dynamodb:${action}`),
      this.servingArn,
    );
    fn.addEnvironment(this.#environmentName, this.servingName);
  }
}
