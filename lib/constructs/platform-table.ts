import { Stack } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { StageConfiguration } from '../config.ts';
import type { DataKey } from './data-key.ts';
import type { PlatformFunction } from './platform-function.ts';
import { removalPolicyOf } from './removal-policy.ts';

/** DynamoDB actions by their API names; a transaction needs the actions of its parts. */
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

/** A table with string keys `pk` and `sk`, billed per request. */
export class PlatformTable extends Table {
  readonly #environmentName: string;
  /** A table restored under another name that replaces this one. */
  readonly #restored: string | undefined;

  /**
   * @param name `Services` becomes the table's construct id and SERVICES_TABLE in a function's
   *   environment
   */
  constructor(
    scope: Construct,
    name: string,
    props: {
      readonly configuration: StageConfiguration;
      readonly dataKey: DataKey;
      /**
       * Items expire at `expiresAt` (epoch seconds). Without this setting, an attribute of that
       * name deletes nothing.
       */
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

  /** Actions that reserve, complete or release an Idempotency-Key. */
  grantIdempotency(fn: PlatformFunction): void {
    this.grantActions(fn, 'PutItem', 'UpdateItem', 'DeleteItem');
  }

  /** Name of the table in service: this one, or the one restored from it. */
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

  /** ARN of the table in service. */
  override metric(metricName: string, props?: MetricOptions): Metric {
    return new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: this.servingName },
      ...props,
    });
  }

  /** Grants these actions on this table only and sets the function's environment variable. */
  grantActions(fn: PlatformFunction, ...actions: readonly TableAction[]): void {
    fn.allow(
      actions.map((action) => `dynamodb:${action}`),
      this.servingArn,
    );
    fn.addEnvironment(this.#environmentName, this.servingName);
  }
}
