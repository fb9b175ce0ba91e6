import type { CfnKey, Key } from 'aws-cdk-lib/aws-kms';

/** Properties of AWS::KMS::Key that a replica shares with its primary key and may not state. */
const sharedWithPrimary = [
  'EnableKeyRotation',
  'KeySpec',
  'KeyUsage',
  'MultiRegion',
  'Origin',
  'RotationPeriodInDays',
] as const;

/**
 * Turns a key of the template into the replica of a multi-Region primary key in another Region
 * (AWS::KMS::ReplicaKey). It has the primary's key material, and the key policy of this stack.
 *
 * @param primaryKeyArn ARN of the primary key, in the same account and another Region
 */
export function makeReplica(key: Key, primaryKeyArn: string): void {
  const resource = key.node.defaultChild as CfnKey;
  resource.addOverride('Type', 'AWS::KMS::ReplicaKey');
  for (const property of sharedWithPrimary) resource.addPropertyDeletionOverride(property);
  resource.addPropertyOverride('PrimaryKeyArn', primaryKeyArn);
}
