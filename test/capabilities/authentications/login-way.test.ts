import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import {
  authenticate,
  type AuthenticationPorts,
} from '../../../lambdas/capabilities/authentications/operation.ts';
import { createChallenge } from '../../../lambdas/capabilities/challenges/operation.ts';
import type { AlgorithmPolicy } from '../../../lambdas/pki/algorithm-policy.ts';
import type {
  ValidateUnderProfile,
  ValidationReport,
  DeployedSources,
} from '../../../lambdas/pki/validation/validate-under-profile.ts';
import type { Certificate } from '../../../lambdas/pki/x509/certificate.ts';
import { parseSubjectPublicKey } from '../../../lambdas/pki/x509/public-key.ts';
import { labelledKeys, labelledPpidMac } from '../../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../../fakes/memory-identity-store.ts';
import { memoryUsedChallenges } from '../../fakes/memory-stores.ts';
import { certificate, linkageOf, now } from '../../people/scene.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = parseSubjectPublicKey(publicKey.export({ type: 'spki', format: 'der' }));
const algorithms: AlgorithmPolicy = { minimumRsaBits: 2048, curves: [], hashes: ['SHA-256'] };
const challengeKey = async () => Buffer.alloc(32, 1);

/**
 * Network calls that are asked for before any of them has an answer are one step: all that wait are
 * answered together once nothing else moves.
 */
function network() {
  const steps: string[][] = [];
  let waiting: (() => void)[] = [];
  const answerAll = async (): Promise<void> => {
    for (let idle = 0; idle < 5; idle++) await turn();
    const answered = waiting;
    waiting = [];
    for (const answer of answered) answer();
  };
  const call = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    if (waiting.length === 0) {
      steps.push([]);
      void answerAll();
    }
    steps.at(-1)!.push(name);
    await new Promise<void>((resolve) => waiting.push(resolve));
    return run();
  };
  return { call, steps };
}

/** The path holds and the responder is asked; what possession and the ports do is the platform's own. */
function validating(call: ReturnType<typeof network>['call']): ValidateUnderProfile {
  return async ({ certificate: serial, possession }) => {
    const leaf = { ...key, serial, notAfter: now + 1 } as unknown as Certificate;
    if (!possession!(leaf, leaf)) throw new Error('not signed');
    await call('revocation', async () => undefined);
    return { verdict: 'valid' } as ValidationReport;
  };
}

function platform() {
  const { call, steps } = network();
  const store = memoryIdentityStore();
  const used = memoryUsedChallenges();
  const keys = labelledKeys();
  const linkage = linkageOf({});
  const ppidMac = labelledPpidMac();
  const ports: AuthenticationPorts = {
    challengeKey,
    usedChallenges: { use: (challenge, token) => call('mark', () => used.use(challenge, token)) },
    validate: validating(call),
    validation: { profile: { algorithms } } as unknown as DeployedSources,
    identity: {
      keys,
      now,
      elapsedMs: () => 0,
      store: {
        read: (at) => call(`read ${at.sk[0]}`, () => store.read(at)),
        list: (pk, prefix) => call('list', () => store.list(pk, prefix)),
        write: (changes) => call('write', () => store.write(changes)),
      },
      linkage: {
        ...linkage,
        predecessorOf: (asked, ms) => call('linkage', () => linkage.predecessorOf(asked, ms)),
        signatureCertificateOf: () =>
          call('linkage', async () => ({ reference: certificate(7, 'c') })),
      },
      ppidMac: (message) => call('KMS', () => ppidMac(message)),
    },
  };
  /** The steps of one login, each with the calls that went out together. */
  const logIn = async (serial: number, service = 'a'): Promise<readonly string[][]> => {
    const bearer = { clientId: `cli_${service}`, serviceId: `svc_${service}` };
    const { text } = await createChallenge(bearer, 'https://api.example.jp', challengeKey, now);
    steps.length = 0;
    await authenticate(
      {
        ...bearer,
        challenge: text,
        certificate: certificate(serial).serial,
        signature: sign('sha256', Buffer.from(text), privateKey),
        method: 'ocsp',
        serviceType: 'type2',
        sectorId: `sec_${service}`,
        requestToken: text,
      },
      ports,
    );
    return steps.map((step) => step.toSorted());
  };
  return { logIn, keys };
}

/** What docs/cost.json says of a login: table requests and requests of KMS. */
const cost = JSON.parse(
  readFileSync(new URL('../../../docs/cost.json', import.meta.url), 'utf8'),
) as { readonly counted: Readonly<Record<'knownLogin' | 'newPerson', object>> };

const counted = (steps: readonly (readonly string[])[]) => ({
  dynamoDbRequests: steps.flat().filter((name) => /^(mark|list|write|read .)$/.test(name)).length,
  kmsHmacRequests: steps.flat().filter((name) => name === 'KMS').length,
});

describe("a login's way", () => {
  it('is two steps and four table requests for a known person, and no MAC of KMS', async () => {
    const { logIn, keys } = platform();
    await logIn(1);
    keys.asked.length = 0;
    expect(await logIn(1)).toEqual([
      ['mark', 'read C', 'revocation'],
      ['read E', 'read S'],
    ]);
    expect(counted(await logIn(1))).toEqual(cost.counted.knownLogin);
    // The two keys that every login of this service needs, kept while the function is warm.
    expect(new Set(keys.asked)).toEqual(new Set(['index/1', 'service/svc_a/1']));
  });

  it('asks KMS for one MAC when a person is new, or new to the service', async () => {
    const { logIn } = platform();
    const steps = await logIn(1);
    expect(steps.flat().filter((name) => name === 'KMS')).toHaveLength(1);
    expect(steps.flat().filter((name) => name === 'write')).toHaveLength(1);
    expect(counted(steps)).toEqual(cost.counted.newPerson);
  });

  it('has the same steps for who is new everywhere and who is new to the service only', async () => {
    const { logIn } = platform();
    const [newEverywhere, newHere] = [await logIn(1, 'a'), await logIn(1, 'b')];
    expect(newHere).toEqual(newEverywhere);
    expect(newHere).toEqual([
      ['mark', 'read C', 'revocation'],
      ['read E', 'read S'],
      ['linkage', 'linkage'],
      ['read C'],
      ['KMS'],
      ['write'],
    ]);
  });
});
