import type { CertificateReference } from '../../lambdas/people/certificate-reference.ts';
import type { IdentityKeys } from '../../lambdas/people/identity-keys.ts';
import type { IdentityScan, IdentityStore } from '../../lambdas/people/identity-store.ts';
import type { AskingService, PersonPorts } from '../../lambdas/people/identify-person.ts';
import type { Retention } from '../../lambdas/people/retention.ts';
import type { Linkage, Predecessor } from '../../lambdas/people/linkage.ts';
import { labelledKeys, labelledPpidMac } from '../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';

export const now = Date.UTC(2026, 10, 22);
export const a: AskingService = { serviceId: 'svc_a', sectorId: 'sec_a' };
export const b: AskingService = { serviceId: 'svc_b', sectorId: 'sec_b' };

export const certificate = (serial: number, issuer = 'a'): CertificateReference => ({
  issuerKeyId: issuer.repeat(64),
  serial: Buffer.from(serial.toString(16).padStart(8, '0'), 'hex'),
});

export const numberOf = ({ serial }: CertificateReference): number =>
  Buffer.from(serial).readUInt32BE();

/** As a deployment sets it. */
export const retention: Retention = {
  openRequestsMs: 90 * 86_400_000,
  decidedRequestsMs: 1095 * 86_400_000,
  waitingNumbersMs: 365 * 86_400_000,
};

export interface Renewals {
  /** New serial → old serial. */
  readonly [serial: number]: number | { readonly beside: number };
}

/** A linkage service that knows these renewals, and no signature certificate. */
export const linkageOf = (renewals: Renewals): Linkage => ({
  async predecessorOf(reference): Promise<Predecessor | undefined> {
    const old = renewals[numberOf(reference)];
    if (old === undefined) return undefined;
    return typeof old === 'number'
      ? { reference: certificate(old), relation: 'renewed' }
      : { reference: certificate(old.beside), relation: 'beside' };
  },
  signatureCertificateOf: async () => ({ reference: undefined, reason: 'not-issued' }),
});

/** Everything that people need, in memory; one argument per thing that a test changes. */
export function portsWith<
  Store extends IdentityStore & IdentityScan = ReturnType<typeof memoryIdentityStore>,
>({
  linkage = linkageOf({}),
  ppidKey = 'ppid-1',
  keys = labelledKeys(),
  store = memoryIdentityStore() as IdentityStore & IdentityScan as Store,
}: {
  readonly linkage?: Linkage;
  readonly ppidKey?: string;
  readonly keys?: IdentityKeys;
  readonly store?: Store;
} = {}): PersonPorts & { readonly store: Store; readonly retention: Retention } {
  const ppidMac = labelledPpidMac(ppidKey);
  return { keys, store, linkage, elapsedMs: () => 0, now, ppidMac, retention };
}
