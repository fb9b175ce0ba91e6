import { createHash, createHmac } from 'node:crypto';
import { buckets, type DerivedKey, type IdentityKeys } from '../../lambdas/people/identity-keys.ts';
import type { PersonPorts } from '../../lambdas/people/identify-person.ts';

/** Keys of all families, made from labels; `asked` tells which were, in order. */
export function labelledKeys(
  version = 1,
  secret = 'test',
): IdentityKeys & { readonly asked: string[] } {
  const asked: string[] = [];
  const octets = (label: string): Uint8Array =>
    createHash('sha256').update(`${secret}/${label}`).digest();
  const key = (name: string, of: number): DerivedKey => {
    asked.push(`${name}/${of}`);
    return { version: of, mac: octets(`${name}/${of}/mac`), seal: octets(`${name}/${of}/seal`) };
  };
  let drawn = 0;
  return {
    asked,
    versions: version > 1 ? [version, version - 1] : [version],
    index: async (of = version) => key('index', of),
    service: async (serviceId, of = version) => key(`service/${serviceId}`, of),
    bucket: async (bucket, of = version) => key(`bucket/${bucket}`, of),
    bucketForNewSubject: async () => (drawn += 1) % buckets,
  };
}

/** A PPID key in memory. */
export const labelledPpidMac =
  (keyVersion = 'ppid-1'): PersonPorts['ppidMac'] =>
  async (message) => ({
    mac: createHmac('sha256', keyVersion).update(message).digest(),
    keyVersion,
  });
