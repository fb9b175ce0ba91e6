import { describe, expect, it } from '@jest/globals';
import { RequestLog, type AnsweredRequest } from '../../../sandbox/requests/request-log.ts';
import { answerRequests } from '../../../sandbox/requests/requests-page.ts';

const clientId = 'cli_psGhSokI3i3lO_kfQCM8IQ';
const at = Date.parse('2026-11-27T08:30:00Z');
const request = (more: Partial<AnsweredRequest> = {}): AnsweredRequest => ({
  requestId: 'r-1',
  receivedAt: at,
  httpMethod: 'POST',
  resourcePath: '/v1/authentications',
  status: 409,
  durationMs: 41.6,
  clientId,
  code: 'challenge-used',
  ...more,
});

const shown = (log: RequestLog, query = '', file = 'requests.json') =>
  answerRequests(log, 'http://localhost:8080', new URL(`http://x/${file}${query}`)).body.toString();

describe('the log of requests', () => {
  it('tells id, time, route, status, code, client and duration', () => {
    const log = new RequestLog();
    log.answered(request());
    expect(log.recent()).toEqual([
      {
        sequence: 1,
        requestId: 'r-1',
        time: '2026-11-27T08:30:00.000Z',
        route: 'POST /v1/authentications',
        status: 409,
        durationMs: 42,
        clientId,
        code: 'challenge-used',
      },
    ]);
  });

  it.each(['before', 'after'])(
    'takes client and verdict from the line that the function prints %s the answer',
    (when) => {
      const log = new RequestLog();
      const line = JSON.stringify({
        requestId: 'r-1',
        clientId,
        verdictCode: 'certificate-revoked',
      });
      const bare = { ...request({ status: 200 }), clientId: undefined, code: undefined };
      if (when === 'before') log.noteLine(line);
      log.answered(bare);
      if (when === 'after') log.noteLine(line);
      expect(log.recent()).toMatchObject([{ clientId, code: 'certificate-revoked' }]);
    },
  );

  it('has no place for what a caller writes where an id, a code, a method or a path belongs', () => {
    const log = new RequestLog();
    const canaries = ['Hanako_Yamada', '2000118d', 'bqn4k2zv7wpx5tq3mhc6ryd2gsl4jf7e', 'user-1001'];
    for (const canary of canaries) {
      const requestId = `r-${canaries.indexOf(canary)}`;
      log.noteLine(
        JSON.stringify({
          requestId,
          claimedClientId: canary,
          code: canary,
          serial: canary,
          operation: canary,
        }),
      );
      log.answered(
        request({
          requestId,
          clientId: canary,
          code: canary,
          httpMethod: canary,
          resourcePath: undefined,
        }),
      );
    }
    expect(log.recent()).toHaveLength(canaries.length);
    for (const text of [shown(log), shown(log, '', 'requests')])
      for (const canary of canaries) expect(text).not.toContain(canary);
  });

  it('keeps the last thousand', () => {
    const log = new RequestLog();
    for (let n = 0; n < 1_010; n++) log.answered(request({ requestId: `r-${n}` }));
    expect(log.recent()).toHaveLength(1_000);
    expect(log.recent()[0]!.requestId).toBe('r-10');
  });

  it('is filtered by client, part of a route, time, and where a reader left off', () => {
    const log = new RequestLog();
    log.answered(request());
    log.answered(request({ requestId: 'r-2', clientId: 'operator', resourcePath: '/v1/services' }));
    log.answered(request({ requestId: 'r-3', receivedAt: at + 60_000 }));
    const sequences = (query: string): number[] =>
      (JSON.parse(shown(log, query)) as { requests: { sequence: number }[] }).requests.map(
        ({ sequence }) => sequence,
      );
    expect(sequences('?client=operator')).toEqual([2]);
    expect(sequences('?route=Authentications')).toEqual([1, 3]);
    expect(sequences('?since=2026-11-27T08:30:30Z')).toEqual([3]);
    expect(sequences('?after=2')).toEqual([3]);
    expect(sequences('')).toEqual([1, 2, 3]);
  });
});

describe('the page of requests', () => {
  it('speaks both languages, leads from a code to its cure, and runs nothing', () => {
    const log = new RequestLog();
    log.answered(request());
    const { headers, body } = answerRequests(
      log,
      'http://localhost:8080',
      new URL('http://x/requests?client="><script>'),
    );
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(body.toString()).not.toContain('<script');
    log.answered(request());
    const page = shown(log, '', 'requests');
    expect(page).toContain('href="http://localhost:8080/problems/challenge-used"');
    expect(page).toContain('要求の番号');
  });
});
