import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts one finding of the AwsSolutions rules at one place, with the reason that a reviewer reads. */
export function acknowledge(where: IConstruct, rule: string, reason: string): void {
  Validations.of(where).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}
