import type { OcspClient, OcspExchange } from '../../../lambdas/pki/ocsp/ocsp-client.ts';
import type { RevokedEntry, StoredLists } from '../../../lambdas/crl-store/lookup/stored-lists.ts';
import type { Generation } from '../../../lambdas/crl-store/lookup/stored-lists.ts';
import { MyKeyError } from '../../../lambdas/errors.ts';
import type { TrustProfile } from '../../../lambdas/pki/trust-profile.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { issuerKeyIdOf } from '../../../lambdas/pki/x509/issuer-key-id.ts';
import { toHex } from '../../../lambdas/pki/x509/octets.ts';
import {
  buildOcspError,
  buildOcspResponse,
  ocspExtensions,
  type SingleResponseTemplate,
} from '../../../sandbox/pki/build-ocsp.ts';
import { parseOcspRequest } from '../../vectors/parse-ocsp-request.ts';
import { certificateExtensions as ext } from '../../../sandbox/pki/build-certificate.ts';
import {
  algorithms,
  hours,
  makeRevocationPki,
  now,
  seconds,
} from '../../vectors/revocation-pki.ts';

export const pki = makeRevocationPki();
export const loginPolicy = '1.2.392.200149.8.5.1.3.30';

/** A user-authentication certificate under the trust profile below. */
export const person = pki.leaf(
  ext.certificatePolicies(loginPolicy),
  ext.extendedKeyUsage('1.3.6.1.5.5.7.3.2'),
);
export const serial = '1092';
export const anchor = parseCertificate(pki.authority.der);

export const profile: TrustProfile = {
  name: 'sandbox',
  anchors: [{ id: 'login', kind: 'user-authentication', certificate: anchor }],
  kinds: {
    'user-authentication': {
      policies: [loginPolicy],
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: '1.3.6.1.5.5.7.3.2',
    },
    'digital-signature': { policies: ['1.2.3.4'], keyUsage: ['nonRepudiation'] },
  },
  algorithms,
  clockSkewMs: 300_000,
  crlMaxAgeMs: 48 * 3_600_000,
  ocspMaxAgeMs: 3_600_000,
  ocspResponders: [
    { anchorId: 'login', url: 'http://first.test/ocsp' },
    { anchorId: 'login', url: 'http://second.test/ocsp' },
    { anchorId: 'other', url: 'http://other.test/ocsp' },
  ],
  crlSources: [],
  linkageUrl: 'http://linkage.test',
};

export type Answer =
  | SingleResponseTemplate['status']
  | 'tryLater'
  | 'stale'
  | 'wrong nonce'
  | 'revoked without nonce'
  | Exclude<OcspExchange['outcome'], 'answered' | 'recently-failed'>;

/** A client with the given answer for each responder; each request advances the clock by `takesMs`. */
export function responders(
  answers: Readonly<Record<string, Answer>>,
  takesMs = 10,
  justFailed: readonly string[] = [],
): { client: OcspClient; asked: string[]; elapsedMs: () => number; timeouts: number[] } {
  const asked: string[] = [];
  const timeouts: number[] = [];
  let elapsed = 0;
  const client: OcspClient = {
    ask({ url, request, timeoutMs, mayBeSkipped }) {
      const name = new URL(url).hostname.split('.')[0]!;
      if (mayBeSkipped && justFailed.includes(name)) {
        return Promise.resolve({ outcome: 'recently-failed' });
      }
      asked.push(name);
      timeouts.push(timeoutMs);
      elapsed += Math.min(takesMs, timeoutMs);
      return Promise.resolve(exchangeFor(answers[name] ?? 'unreachable', request));
    },
  };
  return { client, asked, timeouts, elapsedMs: () => elapsed };
}

function exchangeFor(answer: Answer, request: Uint8Array): OcspExchange {
  if (answer === 'unreachable' || answer === 'timeout' || answer === 'malformed') {
    return { outcome: answer };
  }
  if (answer === 'tryLater') return { outcome: 'answered', response: buildOcspError('tryLater') };
  const { nonce, certificates } = parseOcspRequest(request);
  const isStale = answer === 'stale';
  const isRecorded = answer === 'revoked without nonce';
  const singleStatus =
    isStale || answer === 'wrong nonce'
      ? 'good'
      : isRecorded
        ? ({ revokedAt: hours(-3) } as const)
        : answer;
  const response = buildOcspResponse(
    {
      responder: { byKey: pki.authority.spki },
      producedAt: isStale ? hours(-2) : seconds(-1),
      responses: [
        {
          certId: certificates[0]!.certId,
          status: singleStatus,
          thisUpdate: isStale ? hours(-2) : seconds(-1),
        },
      ],
      ...(!isRecorded && {
        extensions: [ocspExtensions.nonce(answer === 'wrong nonce' ? Buffer.alloc(32) : nonce!)],
      }),
    },
    pki.authority.signer,
  );
  return { outcome: 'answered', response };
}

export interface StoredList {
  readonly scope?: string;
  readonly revoked?: Readonly<Record<string, RevokedEntry>>;
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
}

/** A store with CRLs of the CA; with `broken`, every read fails. */
export function storedLists(lists: readonly StoredList[] | 'broken'): StoredLists {
  const generations = (lists === 'broken' ? [] : lists).map(
    (list, index): Generation & { readonly revoked: StoredList['revoked'] } => ({
      issuerKeyId: issuerKeyIdOf(anchor),
      scope: list.scope ?? 'full',
      sourceId: `login/${list.scope ? 'municipality' : 'full'}`,
      generationId: String(index),
      crlNumber: '7',
      thisUpdate: (list.thisUpdate ?? hours(-1)).getTime(),
      nextUpdate: (list.nextUpdate ?? hours(24)).getTime(),
      entries: 1,
      bytes: 1,
      ingestedAt: now.getTime(),
      revoked: list.revoked,
    }),
  );
  return {
    current: ({ issuerKeyId, scope }) =>
      lists === 'broken'
        ? Promise.reject(new MyKeyError('dependency-unavailable', 'the store is away'))
        : Promise.resolve(
            generations.find((one) => one.issuerKeyId === issuerKeyId && one.scope === scope),
          ),
    all: () => Promise.resolve(generations),
    lookup: ({ generationId }, serials) =>
      Promise.resolve(
        serials.map((one) => generations[Number(generationId)]?.revoked?.[toHex(one)]),
      ),
  };
}
