import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Suppresses one finding of the AwsSolutions rules on one construct, with the reason for reviewers.
 */
export function acknowledge(where: IConstruct, rule: string, reason: string): void {
  Validations.of(where).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}
