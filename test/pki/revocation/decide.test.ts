import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { decide as decideBy } from '../../../lambdas/pki/revocation/decide.ts';
import { givenLists } from '../../../lambdas/pki/revocation/given-lists.ts';
import { givenResponses } from '../../../lambdas/pki/revocation/given-responses.ts';
import { liveOcsp } from '../../../lambdas/pki/revocation/live-ocsp.ts';
import type {
  OcspSource,
  RevocationQuestion,
} from '../../../lambdas/pki/revocation/revocation-source.ts';
import { storedListSource } from '../../../lambdas/pki/revocation/stored-lists-source.ts';
import { decisionTable } from '../../../lambdas/pki/revocation/decision-table.ts';
import type { RevocationMethod } from '../../../lambdas/pki/revocation/revocation-status.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { toHex } from '../../../lambdas/pki/x509/octets.ts';
import { parseCrl } from '../../../lambdas/pki/x509/crl.ts';
import {
  buildName,
  certificateExtensions as ext,
  extension,
} from '../../../sandbox/pki/build-certificate.ts';
import { buildCrl, crlExtensions, directoryPoint } from '../../../sandbox/pki/build-crl.ts';
import { buildCertId, buildOcspResponse } from '../../../sandbox/pki/build-ocsp.ts';
import { context, contextPrimitive, sequence } from '../../../sandbox/pki/der-writer.ts';
import { hours, now, type Party, seconds } from '../../vectors/revocation-pki.ts';
import {
  anchor,
  type Answer,
  person,
  pki,
  profile,
  responders,
  serial,
  storedLists,
  type StoredList,
} from './revocation-fixtures.ts';

const revokedAt = seconds(-600);
const listed = { revoked: { [serial]: { revokedAt: 0, reason: 'superseded' } } } as const;

async function decide(
  method: RevocationMethod,
  answers: Readonly<Record<string, Answer>>,
  lists: readonly StoredList[] | 'broken' = [],
  change: {
    readonly takesMs?: number;
    /** Milliseconds of the budget that are already spent. */
    readonly startedMs?: number;
    readonly question?: Partial<RevocationQuestion>;
    readonly justFailed?: readonly string[];
  } = {},
) {
  const { client, asked, elapsedMs, timeouts } = responders(
    answers,
    change.takesMs,
    change.justFailed,
  );
  const { status, attempts } = await decideBy(
    {
      certificate: parseCertificate(person.der),
      issuer: anchor,
      anchor: { certificate: anchor, id: 'login' },
      method,
      now: now.getTime(),
      ...change.question,
    },
    {
      ocsp: [liveOcsp(client, profile.ocspResponders)],
      crl: [storedListSource(storedLists(lists))],
      elapsedMs: () => elapsedMs() + (change.startedMs ?? 0),
    },
    profile,
  );
  return {
    said: status.status === 'unknown' ? status.why : status.status,
    by: status.evidence?.method,
    tried: attempts.map(({ method: how, outcome }) => `${how} ${outcome}`),
    attempts,
    asked,
    timeouts,
  };
}

describe('the order of sources', () => {
  it('returns the first responder’s good and asks no other source', async () => {
    expect(await decide('auto', { first: 'good', second: { revokedAt } }, [listed])).toMatchObject({
      said: 'good',
      by: 'ocsp',
      asked: ['first'],
    });
  });

  it('returns the first responder’s revoked', async () => {
    expect(await decide('ocsp', { first: { revokedAt } })).toMatchObject({ said: 'revoked' });
  });

  it('asks the second responder if the first is unreachable', async () => {
    expect(await decide('ocsp', { second: 'good' })).toMatchObject({
      said: 'good',
      tried: ['ocsp ocsp-unreachable', 'ocsp good'],
    });
  });

  it('asks no responder of another anchor', async () => {
    expect(await decide('ocsp', { other: 'good' })).toMatchObject({
      said: 'ocsp-unreachable',
      asked: ['first', 'second'],
    });
  });

  it('reports that the profile names no responder for the anchor', async () => {
    const question = { anchor: { certificate: anchor, id: 'other-anchor' } };
    expect(await decide('ocsp', {}, [], { question })).toMatchObject({ said: 'no-ocsp-responder' });
    expect(await decide('auto', {}, [{}], { question })).toMatchObject({ said: 'good', by: 'crl' });
  });

  it.each<[Answer, string]>([
    ['unreachable', 'ocsp-unreachable'],
    ['timeout', 'ocsp-timeout'],
    ['malformed', 'ocsp-malformed'],
    ['tryLater', 'ocsp-error-status'],
    ['stale', 'ocsp-stale'],
    ['wrong nonce', 'ocsp-nonce-mismatch'],
  ])('reads the CRLs under auto if the responders are %s', async (answer, why) => {
    const answers = { first: answer, second: answer };
    const byLists = await decide('auto', answers, [{}]);
    expect(byLists).toMatchObject({ said: 'good', by: 'crl' });
    expect(byLists.tried).toEqual([`ocsp ${why}`, `ocsp ${why}`, 'crl good']);
    expect(await decide('auto', answers, [listed])).toMatchObject({ said: 'revoked', by: 'crl' });
    expect(await decide('ocsp', answers, [{}])).toMatchObject({ said: why });
  });

  it('does not accept good from a CRL older than a revoked in a refused response', async () => {
    const answers = { first: 'revoked without nonce', second: 'unreachable' } as const;
    expect(await decide('auto', answers, [{ thisUpdate: hours(-1) }])).toMatchObject({
      said: 'ocsp-unreachable',
      tried: ['ocsp ocsp-nonce-mismatch', 'ocsp ocsp-unreachable', 'crl good'],
    });
    expect(await decide('auto', answers, [{ thisUpdate: now }])).toMatchObject({ said: 'good' });
    expect(await decide('auto', answers, [listed])).toMatchObject({ said: 'revoked', by: 'crl' });
  });

  it('reports the OCSPResponseStatus of an error response', async () => {
    const { attempts } = await decide('ocsp', { first: 'tryLater', second: 'tryLater' });
    expect(attempts[0]).toMatchObject({ responseStatus: 'tryLater' });
  });

  it('accepts only revoked from CRLs for a certificate that a responder does not know', async () => {
    const answers = { first: 'unknown', second: 'unknown' } as const;
    expect(await decide('auto', answers, [{}])).toMatchObject({ said: 'ocsp-status-unknown' });
    // Also from a CRL that is newer than the response.
    expect(await decide('auto', answers, [{ thisUpdate: now }])).toMatchObject({
      said: 'ocsp-status-unknown',
    });
    expect(await decide('auto', answers, [listed])).toMatchObject({ said: 'revoked', by: 'crl' });
  });

  it('keeps ocsp-status-unknown if a later responder is unreachable', async () => {
    const answers = { first: 'unknown' } as const;
    expect(await decide('auto', answers, [{}])).toMatchObject({ said: 'ocsp-status-unknown' });
    const laterGood = { first: 'unknown', second: 'good' } as const;
    expect(await decide('auto', laterGood, [{}])).toMatchObject({ said: 'good', by: 'ocsp' });
  });

  it('keeps the responder’s reason if no CRL covers the certificate', async () => {
    expect(await decide('auto', {}, [])).toMatchObject({ said: 'ocsp-unreachable' });
  });

  it('skips a responder that just failed under auto only, and reports it', async () => {
    const justFailed = ['first'];
    const answers = { first: 'good', second: 'unreachable' } as const;
    expect(await decide('auto', answers, [{}], { justFailed })).toMatchObject({
      said: 'good',
      by: 'crl',
      tried: ['ocsp ocsp-recently-failed', 'ocsp ocsp-unreachable', 'crl good'],
    });
    expect(await decide('ocsp', answers, [{}], { justFailed })).toMatchObject({
      said: 'good',
      tried: ['ocsp good'],
    });
  });

  it('asks a skipped responder if no CRL gives an answer', async () => {
    const justFailed = ['first', 'second'];
    expect(await decide('auto', { first: 'good' }, [], { justFailed })).toMatchObject({
      said: 'good',
      by: 'ocsp',
      asked: ['first'],
    });
    expect(await decide('auto', {}, [], { justFailed })).toMatchObject({
      said: 'ocsp-unreachable',
      asked: ['first', 'second'],
    });
  });

  it('asks no responder under method crl', async () => {
    expect(await decide('crl', { first: 'good' }, [{}])).toMatchObject({ said: 'good', asked: [] });
  });
});

const cardOf = (version: 1 | 3) => {
  const card = pki.issue(pki.authority, pki.name('Person'), { serial: 4242, version });
  return { certificate: parseCertificate(card.der) };
};

describe('stored lists', () => {
  it.each<[string, string, readonly StoredList[] | 'broken']>([
    ['good', 'a current full list without the certificate', [{}]],
    ['revoked', 'a current full list with the certificate', [listed]],
    ['no-applicable-crl', 'no list', []],
    ['no-applicable-crl', 'a list of another distribution point', [{ scope: 'elsewhere' }]],
    ['crl-stale', 'a list past its nextUpdate', [{ nextUpdate: seconds(-1) }]],
    [
      'crl-stale',
      'a list that names the certificate, past its nextUpdate',
      [{ ...listed, nextUpdate: seconds(-1) }],
    ],
    ['crl-stale', 'a list older than the profile allows', [{ thisUpdate: hours(-49) }]],
    ['crl-not-yet-valid', 'a list with thisUpdate in the future', [{ thisUpdate: seconds(301) }]],
    ['crl-store-unavailable', 'an unavailable store', 'broken'],
  ])('say %s: %s', async (expected, _situation, lists) => {
    expect((await decide('crl', {}, lists)).said).toBe(expected);
  });

  it('are not read for a distribution point with reasons', async () => {
    const point = directoryPoint(buildName(['OU', '131016']));
    const scope = createHash('sha256').update(point).digest('hex');
    const keyCompromise = contextPrimitive(1, Uint8Array.of(6, 0x40));
    const cardWith = (...reasons: readonly Uint8Array[]) => ({
      certificate: parseCertificate(
        pki.leaf(extension('2.5.29.31', sequence(sequence(context(0, point), ...reasons)))).der,
      ),
    });
    const ask = (...reasons: readonly Uint8Array[]) =>
      decide('crl', {}, [{ scope }], { question: cardWith(...reasons) });
    expect(await ask()).toMatchObject({ said: 'good' });
    expect(await ask(keyCompromise)).toMatchObject({ said: 'no-applicable-crl' });
  });

  it('do not prove a certificate of version 1 good, because onlyContainsUserCerts excludes it', async () => {
    const [first, third] = [{ question: cardOf(1) }, { question: cardOf(3) }];
    expect(await decide('crl', {}, [{}], third)).toMatchObject({ said: 'good' });
    expect(await decide('crl', {}, [{}], first)).toMatchObject({ said: 'no-applicable-crl' });
  });

  it('do not prove a CA certificate good, because onlyContainsUserCerts excludes it', async () => {
    const question = { certificate: anchor };
    expect(await decide('crl', {}, [{}], { question })).toMatchObject({
      said: 'no-applicable-crl',
    });
  });
});

describe('a given response that proves the issuer of a CRL revoked', () => {
  const signer = pki.issue(pki.authority, pki.authority.name, {
    serial: 77,
    extensions: pki.caExtensions,
  });
  const list = parseCrl(
    buildCrl(
      {
        issuer: pki.authority.name,
        thisUpdate: hours(-1),
        nextUpdate: hours(24),
        extensions: [crlExtensions.crlNumber(1)],
      },
      signer.signer,
    ),
  );
  const saidOf = async (said: 'good' | { readonly revokedAt: Date }) => {
    const response = buildOcspResponse(
      {
        responder: { byKey: pki.authority.spki },
        producedAt: seconds(-1),
        responses: [
          {
            certId: buildCertId({
              issuerName: pki.authority.name,
              issuerSpki: pki.authority.spki,
              serial: 77,
            }),
            status: said,
            thisUpdate: seconds(-1),
          },
        ],
      },
      pki.authority.signer,
    );
    const { status } = await decideBy(
      {
        certificate: parseCertificate(person.der),
        issuer: anchor,
        anchor: { certificate: anchor },
        method: 'auto',
        now: now.getTime(),
      },
      {
        ocsp: [givenResponses([{ source: 'responder', bytes: response }])],
        crl: [givenLists([{ source: 'list', crl: list }], [parseCertificate(signer.der)])],
      },
      profile,
    );
    return status.status === 'unknown' ? status.why : status.status;
  };

  it('makes the CRL untrusted', async () => {
    expect(await saidOf('good')).toBe('good');
    expect(await saidOf({ revokedAt: hours(-3) })).not.toBe('good');
  });
});

type Said = 'good' | { readonly revokedAt: Date };
const answer = (about: number, said: Said, by: Party = pki.authority): Buffer =>
  buildOcspResponse(
    {
      responder: { byKey: by.spki },
      producedAt: seconds(-1),
      responses: [
        {
          certId: buildCertId({
            issuerName: pki.authority.name,
            issuerSpki: pki.authority.spki,
            serial: about,
          }),
          status: said,
          thisUpdate: seconds(-1),
        },
      ],
      certificates: by === pki.authority ? [] : [by.der],
    },
    by.signer,
  );
const delegate = pki.issue(pki.authority, pki.name('Responder'), {
  serial: 555,
  extensions: [ext.keyUsage('digitalSignature'), ext.extendedKeyUsage('1.3.6.1.5.5.7.3.9')],
});
const saidBy = async (responses: readonly Buffer[], live: readonly OcspSource[] = []) => {
  const given = givenResponses(responses.map((bytes) => ({ source: 'responder', bytes })));
  const { status } = await decideBy(
    {
      certificate: parseCertificate(person.der),
      issuer: anchor,
      anchor: { certificate: anchor },
      method: 'ocsp',
      now: now.getTime(),
    },
    { ocsp: [...live, given], crl: [] },
    { ...profile, uncheckedResponder: 'accept' },
  );
  return status.status === 'unknown' ? status.why : status.status;
};

describe('given responses', () => {
  it('prove revoked also if an earlier one says good', async () => {
    const [good, revoked] = [answer(4242, 'good'), answer(4242, { revokedAt })];
    expect(await saidBy([good])).toBe('good');
    expect(await saidBy([good, revoked])).toBe('revoked');
  });

  it('prove a delegated responder revoked (RFC 6960 §4.2.2.2.1)', async () => {
    const byDelegate = answer(4242, 'good', delegate);
    expect(await saidBy([byDelegate, answer(555, 'good')])).toBe('good');
    expect(await saidBy([byDelegate, answer(555, { revokedAt })])).not.toBe('good');
  });

  it('are the only responses about a delegated responder: no live responder is asked', async () => {
    const asked: Uint8Array[] = [];
    const live: OcspSource = {
      isGiven: false,
      respondersFor: () => [
        {
          source: 'live',
          ask: ({ certificate }) => {
            asked.push(certificate.serial);
            return Promise.resolve({ status: 'unknown', why: 'ocsp-unreachable' });
          },
        },
      ],
    };
    expect(await saidBy([answer(4242, 'good', delegate)], [live])).toBe('good');
    expect(asked.map(toHex)).toEqual([serial]);
  });

  it('must repeat a nonce that was sent, unless the caller accepts its absence', async () => {
    const sent = { nonce: Buffer.alloc(32, 1) };
    const given = [{ source: 'responder', bytes: answer(4242, 'good') }];
    const saidUnder = async (terms: Parameters<typeof givenResponses>[1]) => {
      const { status } = await decideBy(
        {
          certificate: parseCertificate(person.der),
          issuer: anchor,
          anchor: { certificate: anchor },
          method: 'ocsp',
          now: now.getTime(),
        },
        { ocsp: [givenResponses(given, terms)], crl: [] },
        profile,
      );
      return status.status === 'unknown' ? status.why : status.status;
    };
    expect(await saidUnder({ ...sent, acceptMissingNonce: true })).toBe('good');
    expect(await saidUnder(sent)).toBe('ocsp-nonce-mismatch');
  });
});

describe('the time budget', () => {
  it('limits each responder and reserves a second for the CRLs', async () => {
    const { timeouts, said, by } = await decide('auto', {}, [{}], { takesMs: 10_000 });
    expect(timeouts).toEqual([2500, 1500]);
    expect([said, by]).toEqual(['good', 'crl']);
  });

  it('asks and reports no further source when it is spent', async () => {
    const { tried, asked } = await decide('ocsp', {}, [], { takesMs: 10_000 });
    expect(asked).toEqual(['first', 'second']);
    const spent = await decide('ocsp', {}, [], { startedMs: 5000 });
    expect(spent.asked).toEqual([]);
    expect(spent.tried).toEqual(['ocsp time-budget-spent']);
    expect(tried).toHaveLength(2);
  });

  it('ends with unknown when it is spent', async () => {
    const slow = { takesMs: 10_000 };
    const { client, elapsedMs } = responders({}, slow.takesMs);
    const { status } = await decideBy(
      {
        certificate: parseCertificate(person.der),
        issuer: anchor,
        anchor: { certificate: anchor, id: 'login' },
        method: 'auto',
        now: now.getTime(),
      },
      {
        ocsp: [liveOcsp(client, profile.ocspResponders)],
        crl: [storedListSource(storedLists([{}]))],
        elapsedMs: () => elapsedMs() + 5000,
      },
      profile,
    );
    expect(status).toEqual({ status: 'unknown', why: 'time-budget-spent' });
  });
});

describe('the decision table', () => {
  it('equals docs/decision-table.md', () => {
    const page = readFileSync(new URL('../../../docs/decision-table.md', import.meta.url), 'utf8');
    const shown = page.replaceAll(/ +/g, ' ');
    for (const [why, { cause, ocsp, crl, auto }] of Object.entries(decisionTable)) {
      expect(shown).toContain(`| \`${why}\` | ${cause} | ${ocsp} | ${crl} | ${auto} |`);
    }
  });
});
