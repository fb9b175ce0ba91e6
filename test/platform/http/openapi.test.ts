import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { docsPage } from '../../../lib/documentation/docs-page.ts';
import { operations } from '../../../lib/operations.ts';
import { openApi } from '../../capabilities/openapi-contract.ts';

describe('the OpenAPI document', () => {
  it('describes every route of the catalogue once', () => {
    const described = Object.entries(openApi.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(
      operations.map(({ method, path }) => `${method} ${path}`).sort(),
    );
  });

  it('asks for the scope of each protected route', () => {
    for (const { path, method, scope } of operations) {
      const { security } = openApi.paths[path]![method.toLowerCase()] as unknown as {
        security: unknown;
      };
      expect(security).toEqual(scope === 'public' ? [] : [{ oauth: [scope.name] }]);
    }
  });

  it('names the header and the codes of Idempotency-Key where a route takes it', () => {
    for (const { id, path, method, idempotent = false, problems } of operations) {
      const { parameters = [] } = openApi.paths[path]![method.toLowerCase()] as unknown as {
        parameters?: { in: string; name: string }[];
      };
      const header = parameters.some(({ name }) => name === 'Idempotency-Key');
      const codes = (['idempotency-key-reused', 'request-in-progress'] as const).map((code) =>
        (problems as readonly string[]).includes(code),
      );
      expect([id, header, ...codes]).toEqual([id, idempotent, idempotent, idempotent]);
    }
  });

  it('takes Idempotency-Key where something is made that would be there twice', () => {
    const taking = operations.filter(({ idempotent }) => idempotent).map(({ id }) => id);
    expect(taking).toEqual(['authenticate', 'create-job', 'create-service']);
  });
});

describe('the page for people', () => {
  const { html, policy } = docsPage('http://localhost:8080');

  it('has an entry for every route and no script', () => {
    for (const { id } of operations) expect(html).toContain(`<article id="${id}">`);
    expect(html).not.toMatch(/<script|javascript:|src=/);
  });

  it('allows by its policy nothing but its own style sheet', () => {
    const style = /<style>([^]*?)<\/style>/.exec(html)![1]!;
    const hash = createHash('sha256').update(style).digest('base64');
    expect(policy).toContain(`default-src 'none'; style-src 'sha256-${hash}'`);
  });
});
