import { describe, expect, it } from '@jest/globals';
import { exampleOf } from '../../lib/documentation/examples.ts';
import { expectLike } from './expect-like.ts';
import { everyRoute, type BadInputScene } from './bad-input-scene.ts';

interface OpenApi {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly responses: Readonly<Record<string, unknown>> }>>
    >
  >;
}

/** Every route works, and says of itself what it is. */
export function everyGoodCall(scene: BadInputScene): void {
  describe('a route', () => {
    it.each(everyRoute)(
      'answers its example as /openapi.json describes and shows it: %s',
      async (_name, { id, path, method }, good) => {
        const { status, type, text, body } = await good.make(scene.prepared);
        const { response, isExcerpt } = exampleOf(id);
        if (typeof response === 'string') expect(text).toContain(response);
        else expectLike(response, type.includes('json') ? body : text, isExcerpt);
        const published = await scene.prepared.platform.call('GET', '/openapi.json');
        const { paths } = JSON.parse(published.text) as OpenApi;
        const described = paths[path]?.[method.toLowerCase()]?.responses ?? {};
        expect(status).toBe(good.status);
        expect(Object.keys(described)).toContain(String(status));
      },
    );
  });
}
