import { describe, expect, it } from '@jest/globals';
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
      expect(security).toEqual(scope === 'public' ? [] : [{ oauth: [scope.name] }, { bearer: [] }]);
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
