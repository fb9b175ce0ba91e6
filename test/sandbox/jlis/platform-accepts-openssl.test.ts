import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { httpOcspClient } from '../../../lambdas/platform/adapters/ocsp/http-ocsp-client.ts';
import { decide } from '../../../lambdas/pki/revocation/decide.ts';
import { givenLists } from '../../../lambdas/pki/revocation/given-lists.ts';
import { ingestCrl } from '../../../lambdas/crl-store/ingest/ingest-crl.ts';
import type { RevocationStatus } from '../../../lambdas/pki/revocation/revocation-status.ts';
import type { StoredLists } from '../../../lambdas/crl-store/lookup/stored-lists.ts';
import { parseTrustProfile } from '../../../lambdas/platform/trust-profile-json.ts';
import type { TrustProfile } from '../../../lambdas/pki/trust-profile.ts';
import {
  validateUnderProfile,
  type ValidationReport,
} from '../../../lambdas/pki/validation/validate-under-profile.ts';
import { parseCertificate, type Certificate } from '../../../lambdas/pki/x509/certificate.ts';
import { parseCrl } from '../../../lambdas/pki/x509/crl.ts';
import { control, type CardView } from '../../../sandbox/jlis/control-client.ts';
import { startJlis, type Jlis } from '../../../sandbox/jlis/start-jlis.ts';
import { MemoryLists } from '../../../lambdas/platform/adapters/memory/memory-lists.ts';
import { opensslAuthority, type IndexRow, type OpensslAuthority } from './openssl-authority.ts';
import { itWithOpenssl } from './run-openssl.ts';

const anchorId = 'user-authentication-2023';
const revokedAt = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000);

// OpenSSL's responder and lists are as of the machine's clock; so is everything here.
let jlis: Jlis;
let profile: TrustProfile;
let issuer: Certificate;
let good: Certificate;
let revoked: Certificate;
/** Issued by the authority, but missing from OpenSSL's index. */
let unlisted: Certificate;
let authority: OpensslAuthority;

beforeAll(async () => {
  jlis = await startJlis({ port: 0 });
  profile = parseTrustProfile(jlis.trustProfileJson());
  issuer = profile.anchors.find(({ id }) => id === anchorId)!.certificate;
  const cards: CardView[] = [];
  for (let i = 0; i < 3; i++) cards.push(await control(jlis.url, 'cards', {}));
  [good, revoked, unlisted] = cards.map((card) =>
    parseCertificate(Buffer.from(card['user-authentication'].certificate, 'base64')),
  ) as [Certificate, Certificate, Certificate];
  authority = opensslAuthority(
    jlis.authorities.find(({ id }) => id === anchorId)!,
    [
      indexRow(cards[0]!),
      { ...indexRow(cards[1]!), revoked: { at: revokedAt, reason: 'keyCompromise' } },
    ],
  );
});

afterAll(async () => {
  authority.remove();
  await jlis.close();
});

function indexRow(card: CardView): IndexRow {
  const { serial, notAfter } = card['user-authentication'];
  return { serial, notAfter };
}

/** The whole validation by OCSP, with a responder that runs for this question alone. */
async function validate(certificate: Certificate): Promise<ValidationReport> {
  const responder = await authority.startResponder();
  try {
    return await validateUnderProfile(
      {
        certificate: certificate.der,
        kind: 'user-authentication',
        method: 'ocsp',
        now: Date.now(),
      },
      {
        profile: { ...profile, ocspResponders: [{ anchorId, url: responder.url }] },
        ocsp: httpOcspClient,
        lists: noLists,
        elapsedMs: stopwatch(),
      },
    );
  } finally {
    await responder.stop();
  }
}

/** Milliseconds since now. */
function stopwatch(): () => number {
  const began = performance.now();
  return () => performance.now() - began;
}

const noLists: StoredLists = {
  current: async () => undefined,
  all: async () => [],
  lookup: async () => [],
};

describe('the platform asks openssl ocsp -port', () => {
  itWithOpenssl('and takes its good', async () => {
    expect(await validate(good)).toMatchObject({
      verdict: 'valid',
      anchorId,
      revocation: { status: 'good', evidence: { method: 'ocsp' } },
    });
  });

  itWithOpenssl('and takes its revoked with date and reason', async () => {
    expect(await validate(revoked)).toMatchObject({
      code: 'certificate-revoked',
      revocation: {
        status: 'revoked',
        reason: 'keyCompromise',
        revokedAt: revokedAt.getTime(),
      },
    });
  });

  itWithOpenssl('and takes its unknown as unknown', async () => {
    expect(await validate(unlisted)).toMatchObject({
      code: 'revocation-unknown',
      revocation: { status: 'unknown', why: 'ocsp-status-unknown' },
    });
  });
});

describe('the platform reads lists by openssl ca -gencrl', () => {
  itWithOpenssl('entry by entry, for one certificate', async () => {
    const crl = parseCrl(await authority.generateCrl());
    const statusOf = async (certificate: Certificate): Promise<RevocationStatus> => {
      const { status } = await decide(
        {
          certificate,
          issuer,
          anchor: { certificate: issuer, id: anchorId },
          method: 'crl',
          now: Date.now(),
        },
        { ocsp: [], crl: [givenLists([{ source: `${anchorId}/full`, crl }])] },
        profile,
      );
      return status;
    };
    expect(await statusOf(good)).toMatchObject({ status: 'good', evidence: { method: 'crl' } });
    expect(await statusOf(revoked)).toMatchObject({
      status: 'revoked',
      reason: 'keyCompromise',
      revokedAt: revokedAt.getTime(),
    });
  });

  itWithOpenssl('through ingestion, and validates by what it stored', async () => {
    const list = await authority.generateCrl();
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < list.length; at += 100) yield list.subarray(at, at + 100);
    };
    const lists = new MemoryLists();
    const now = Date.now();
    const context = { rules: profile, writer: lists, now };
    const ingested = await ingestCrl(chunks(), profile.crlSources, context);
    expect(ingested).toMatchObject({
      outcome: 'switched',
      source: { id: `${anchorId}/full` },
      generation: { entries: 1 },
    });
    const byList = (certificate: Certificate): Promise<ValidationReport> =>
      validateUnderProfile(
        { certificate: certificate.der, kind: 'user-authentication', method: 'crl', now },
        { profile, ocsp: httpOcspClient, lists, elapsedMs: stopwatch() },
      );
    expect(await byList(good)).toMatchObject({
      verdict: 'valid',
      revocation: { evidence: { method: 'crl', source: `${anchorId}/full` } },
    });
    expect(await byList(revoked)).toMatchObject({
      code: 'certificate-revoked',
      revocation: { reason: 'keyCompromise', revokedAt: revokedAt.getTime() },
    });
  });
});
