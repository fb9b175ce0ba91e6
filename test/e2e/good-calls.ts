import { describe, expect, it } from '@jest/globals';
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
      'answers its good call as /openapi.json describes it: %s',
      async (_name, { path, method }, good) => {
        const { status } = await good.make(scene.prepared);
        const { text } = await scene.prepared.platform.call('GET', '/openapi.json');
        const { paths } = JSON.parse(text) as OpenApi;
        const described = paths[path]?.[method.toLowerCase()]?.responses ?? {};
        expect(status).toBe(good.status);
        expect(Object.keys(described)).toContain(String(status));
      },
    );
  });
}
