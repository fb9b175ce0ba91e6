import type { KmsKeys } from '../kms/kms-keys.ts';
import { type Templates, textOf } from '../template/evaluate.ts';

/** Creates missing keys and aliases. */
export function createKeys(keys: KmsKeys, templates: Templates, now: number): void {
  for (const { identity, properties } of templates.resources('AWS::KMS::Key')) {
    if (keys.keys.has(identity.ref)) continue;
    const usage = properties['KeyUsage'];
    const key = keys.create(
      {
        id: identity.ref,
        spec: textOf(properties['KeySpec'], 'SYMMETRIC_DEFAULT'),
        usage: typeof usage === 'string' ? usage : undefined,
        description: textOf(properties['Description']),
      },
      now,
    );
    if (properties['Enabled'] === false) key.state = 'Disabled';
  }
  for (const { identity, properties } of templates.resources('AWS::KMS::Alias'))
    keys.aliases.set(identity.ref, keys.find(properties['TargetKeyId']).id);
  keys.save();
}
