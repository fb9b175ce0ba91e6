import { beforeEach, describe, expect, it } from '@jest/globals';
import { libraryLinksHandler } from '../../../lambdas/capabilities/library-links/handler.ts';
import { identifyPerson } from '../../../lambdas/people/identify-person.ts';
import { issueMyKeyId } from '../../../lambdas/people/my-key-id-records.ts';
import { findOwner } from '../../../lambdas/people/records.ts';
import { rfc3339 } from '../../../lambdas/pki/rfc3339.ts';
import type { LambdaHandler } from '../../../lambdas/platform/http/operation-handler.ts';
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
  operation: 'put-library-link' | 'look-up-library-link' | 'remove-library-link',
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
