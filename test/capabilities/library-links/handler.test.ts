import { beforeEach, describe, expect, it } from '@jest/globals';
import { libraryLinksHandler } from '../../../lambdas/capabilities/library-links/handler.ts';
import { identifyPerson } from '../../../lambdas/people/identify-person.ts';
import { issueMyKeyId, revokeMyKeyId } from '../../../lambdas/people/my-key-id-records.ts';
import { findOwner } from '../../../lambdas/people/records.ts';
import { rfc3339 } from '../../../lambdas/pki/rfc3339.ts';
import type { LambdaHandler } from '../../../lambdas/platform/http/operation-handler.ts';
import { losingFirstRace } from '../../fakes/losing-first-race.ts';
import { certificate, portsWith } from '../../people/scene.ts';
import { baseUrl, eventFor, libraryCaller, now } from '../gateway-event.ts';
import { expectAsPublished } from '../openapi-contract.ts';

let people: ReturnType<typeof portsWith>;
let handler: LambdaHandler;
const lines: Readonly<Record<string, unknown>>[] = [];
beforeEach(() => {
  people = portsWith();
  lines.length = 0;
  handler = libraryLinksHandler((at) => ({ ...people, now: at }), {
    publicBaseUrl: baseUrl,
    clock: () => now,
    log: (line) => void lines.push(line),
  });
});

const call = async (
  operation:
    | 'put-library-link'
    | 'look-up-library-link'
    | 'remove-library-link'
    | 'import-library-links'
    | 'export-library-links',
  body: object,
) => {
  const result = await handler(eventFor(operation, { body, caller: libraryCaller }), {});
  expectAsPublished(operation, result);
  return {
    status: result.statusCode,
    body: JSON.parse(result.body) as Readonly<Record<string, unknown>>,
  };
};

/** The My Key ID of a person whose card was read at this library. */
async function holder(serial: number): Promise<string> {
  await identifyPerson(certificate(serial), libraryCaller, people);
  const owner = await findOwner(people, certificate(serial));
  const { subjectId } = owner!.value;
  return (await issueMyKeyId(people, subjectId, certificate(serial))).myKeyId;
}

const link = async (myKeyId: string, userNumber: string, more = {}) => {
  const { status, body } = await call('put-library-link', { myKeyId, userNumber, ...more });
  return [status, body['outcome'] ?? body['code']];
};

describe('a link of My Key ID and library user number', () => {
  it('is found by either side, however the My Key ID is written, and removed', async () => {
    const myKeyId = await holder(1);
    const written = `${myKeyId.slice(0, 4).toLowerCase()}-${myKeyId.slice(4)}`;
    const made = { myKeyId, userNumber: 'L-77', linkedAt: rfc3339(now) };
    const wish = { myKeyId: written, userNumber: 'L-77' };
    expect(await call('put-library-link', wish)).toEqual({
      status: 200,
      body: { outcome: 'linked', link: made },
    });
    for (const side of [{ userNumber: 'L-77' }, { myKeyId }, { myKeyId: written }])
      expect((await call('look-up-library-link', side)).body).toEqual(made);
    expect(await call('remove-library-link', { myKeyId })).toEqual({
      status: 200,
      body: { userNumber: 'L-77' },
    });
    expect(await call('look-up-library-link', { userNumber: 'L-77' })).toMatchObject({
      status: 404,
      body: { code: 'link-not-found' },
    });
  });

  it('is unique both ways, unless the caller replaces', async () => {
    const [one, other] = [await holder(1), await holder(2)];
    expect(await link(one, 'L-1')).toEqual([200, 'linked']);
    expect(await link(one, 'L-1')).toEqual([200, 'unchanged']);
    expect(await link(other, 'L-1')).toEqual([409, 'user-number-taken']);
    expect(await link(one, 'L-2')).toEqual([409, 'person-already-linked']);
    expect(await link(other, 'L-1', { replace: true })).toEqual([200, 'replaced']);
  });

  it('refuses a mistyped My Key ID before it looks for anybody', async () => {
    const myKeyId = await holder(1);
    const wrong = myKeyId.slice(0, 7) + (myKeyId.endsWith('2') ? '3' : '2');
    const { status, body } = await call('look-up-library-link', { myKeyId: wrong });
    expect([status, body['code']]).toEqual([400, 'request-invalid']);
  });

  it('logs the outcome, neither My Key ID nor user number', async () => {
    const myKeyId = await holder(1);
    await call('put-library-link', { myKeyId, userNumber: 'L-77' });
    await call('remove-library-link', { userNumber: 'L-77' });
    expect(lines.map((line) => line['link'])).toEqual(['linked', 'removed']);
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`${myKeyId}|L-77`));
  });
});

interface Imported {
  readonly dryRun: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly rows: readonly {
    readonly row: number;
    readonly outcome: string;
    readonly code?: string;
  }[];
}

const load = async (rows: readonly object[], more = {}): Promise<Imported> => {
  const { status, body } = await call('import-library-links', { rows, ...more });
  expect(status).toBe(200);
  return body as unknown as Imported;
};

const numberOf = async (myKeyId: string): Promise<unknown> =>
  (await call('look-up-library-link', { myKeyId })).body['userNumber'];

describe('an import of library links', () => {
  it('links every row, however its My Key ID is written; again, it changes nothing', async () => {
    const [one, other] = [await holder(1), await holder(2)];
    const rows = [
      { myKeyId: `${one.slice(0, 4).toLowerCase()} ${one.slice(4)}`, userNumber: 'L-1' },
      { myKeyId: other, userNumber: 'L-2' },
    ];
    expect((await load(rows)).counts).toEqual({ linked: 2 });
    expect((await load(rows)).counts).toEqual({ unchanged: 2 });
    expect([await numberOf(one), await numberOf(other)]).toEqual(['L-1', 'L-2']);
  });

  it('refuses each row by its code and links the others', async () => {
    const [one, other, third] = [await holder(1), await holder(2), await holder(3)];
    await link(other, 'L-2');
    const mistyped = one.slice(0, 7) + (one.endsWith('2') ? '3' : '2');
    const { rows, counts } = await load([
      { myKeyId: mistyped, userNumber: 'L-7' },
      { myKeyId: '2345678K', userNumber: 'L-8' },
      { myKeyId: third, userNumber: 'L-2' },
      { myKeyId: other, userNumber: 'L-9' },
      { myKeyId: one, userNumber: 'L-1' },
    ]);
    expect(rows).toEqual([
      { row: 0, outcome: 'refused', code: 'request-invalid' },
      { row: 1, outcome: 'refused', code: 'my-key-id-not-found' },
      { row: 2, outcome: 'refused', code: 'user-number-taken' },
      { row: 3, outcome: 'refused', code: 'person-already-linked' },
      { row: 4, outcome: 'linked' },
    ]);
    expect(counts).toEqual({ refused: 4, linked: 1 });
  });

  it('writes nothing in a dry run, and returns the same result as the following run', async () => {
    const [one, other] = [await holder(1), await holder(2)];
    await link(other, 'L-2');
    const rows = [
      { myKeyId: one, userNumber: 'L-1' },
      { myKeyId: other, userNumber: 'L-3' },
      { myKeyId: '2345678K', userNumber: 'L-4' },
    ];
    for (const more of [{}, { replace: true }]) {
      const planned = await load(rows, { ...more, dryRun: true });
      const before = await numberOf(other);
      expect(before).toBe('L-2');
      const done = await load(rows, more);
      expect(planned).toEqual({ ...done, dryRun: true });
      await call('remove-library-link', { userNumber: 'L-1' });
    }
    expect(await numberOf(other)).toBe('L-3');
  });

  it('gives two rows of one person to the first, however they are written or slow it is', async () => {
    const one = await holder(1);
    people = { ...people, store: losingFirstRace(people.store) };
    const { rows } = await load([
      { myKeyId: one.toLowerCase(), userNumber: 'L-1' },
      { myKeyId: one, userNumber: 'L-2' },
    ]);
    expect(rows.map(({ outcome }) => outcome)).toEqual(['linked', 'refused']);
    expect(await numberOf(one)).toBe('L-1');
  });

  it('logs how many rows came to what, and no row', async () => {
    const one = await holder(1);
    await load([{ myKeyId: one, userNumber: 'L-77' }]);
    expect(lines.at(-1)).toMatchObject({ rows: 1, dryRun: false, linked: 1 });
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`${one}|L-77`));
  });
});

const byText = (one: object, other: object): number =>
  JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;

describe('an export of library links', () => {
  const exported = async (caller = libraryCaller) => {
    const links: Readonly<Record<string, unknown>>[] = [];
    const waiting: string[] = [];
    let cursor: string | undefined;
    do {
      const body = cursor === undefined ? {} : { cursor };
      const result = await handler(eventFor('export-library-links', { body, caller }), {});
      expectAsPublished('export-library-links', result);
      const page = JSON.parse(result.body) as Awaited<ReturnType<typeof exported>> & {
        readonly next?: string;
      };
      links.push(...page.links);
      waiting.push(...page.waiting);
      cursor = page.next;
    } while (cursor !== undefined);
    return { links, waiting };
  };

  it('gives every link once, and the numbers whose person revoked the My Key ID', async () => {
    const ids = [];
    for (let n = 0; n < 20; n++) ids.push(await holder(n));
    const rows = ids.map((myKeyId, n) => ({ myKeyId, userNumber: `L-${n}` }));
    await load(rows);
    await revokeMyKeyId(people, (await findOwner(people, certificate(7)))!.value.subjectId);
    const { links, waiting } = await exported();
    expect(waiting).toEqual(['L-7']);
    const expected = rows
      .filter((_, n) => n !== 7)
      .map((row) => ({ ...row, linkedAt: rfc3339(now) }));
    expect(links.toSorted(byText)).toEqual(expected.toSorted(byText));
  });

  it('holds nothing of another library, and no PPID', async () => {
    const one = await holder(1);
    await link(one, 'L-1');
    const elsewhere = { ...libraryCaller, serviceId: 'svc_other_library' };
    expect(await exported(elsewhere)).toEqual({ links: [], waiting: [] });
    expect(Object.keys((await exported()).links[0]!)).toEqual([
      'myKeyId',
      'userNumber',
      'linkedAt',
    ]);
  });

  it('refuses a cursor that no page gave', async () => {
    const { status, body } = await call('export-library-links', { cursor: '1000' });
    expect([status, body['code']]).toEqual([400, 'request-invalid']);
  });
});
