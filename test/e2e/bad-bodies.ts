import { describe, it } from '@jest/globals';
import { everyRoute, expectRefusal, type BadInputScene } from './bad-input-scene.ts';

const zeros = Buffer.alloc(1024 * 1024);
const withBody = everyRoute.filter(
  ([, route]) => route.maxBodyBytes > 0 && route.mediaType === undefined,
);
const withMembers = withBody.filter(([, , good]) => good.json !== undefined);
const bodyNeeded = withMembers.filter(([, { body }]) => !body!.safeParse(undefined).success);
/** All but a JWK Set, which may have members of its own (RFC 7517 §5). */
const closed = withBody.filter(([, { body }]) =>
  body!.safeParse({ unknown: 1 }).error?.issues.some(({ code }) => code === 'unrecognized_keys'),
);

export function badBodies(scene: BadInputScene): void {
  describe('a body that does not fit', () => {
    it.each(bodyNeeded)('none at all: %s', async (_name, route, good) => {
      expectRefusal(await scene.send(route, good, {}), 400, 'request-invalid');
      await scene.nextWorks(good);
    });

    it.each(withBody)('not JSON: %s', async (_name, route, good) => {
      expectRefusal(await scene.send(route, good, { raw: '{"a":' }), 400, 'request-invalid');
      await scene.nextWorks(good);
    });

    it.each(withBody)('a list where an object belongs: %s', async (_name, route, good) => {
      expectRefusal(await scene.send(route, good, { json: [1] }), 400, 'request-invalid');
      await scene.nextWorks(good);
    });

    it.each(withMembers)('each member of a wrong type: %s', async (_name, route, good) => {
      const json = good.json!(scene.prepared);
      for (const member of Object.keys(json)) {
        const spoilt = { ...json, [member]: { not: ['this'] } };
        const answer = await scene.send(route, good, { json: spoilt });
        // What is wrong with keys is said in the words for keys.
        if (member === 'jwks' || member === 'keys') expectRefusal(answer, 422, 'jwks-invalid');
        else expectRefusal(answer, 400, 'request-invalid');
      }
      await scene.nextWorks(good);
    });

    it.each(closed)('an unknown member: %s', async (_name, route, good) => {
      const json = { ...good.json?.(scene.prepared), __proto__x: 1 };
      expectRefusal(await scene.send(route, good, { json }), 400, 'request-invalid');
      await scene.nextWorks(good);
    });

    it.each(withBody)('another media type: %s', async (_name, route, good) => {
      const answer = await scene.send(route, good, { raw: '<a/>', contentType: 'text/xml' });
      expectRefusal(answer, 415, 'media-type-unsupported');
      await scene.nextWorks(good);
    });

    it.each(everyRoute)('1 MB of zeros: %s', async (_name, route, good) => {
      const contentType = route.mediaType ?? 'application/json';
      const answer = await scene.send(route, good, { raw: zeros, contentType });
      // Also where the route would take as much: escaped in Lambda's event, it is 6 MB and more.
      expectRefusal(answer, 413, 'request-too-large');
      await scene.nextWorks(good);
    });
  });
}
