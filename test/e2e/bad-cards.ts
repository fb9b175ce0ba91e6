import { describe, expect, it } from '@jest/globals';
import { control } from '../../sandbox/jlis/control-client.ts';
import { startJlis } from '../../sandbox/jlis/start-jlis.ts';
import { expectRefusal, type BadInputScene } from './bad-input-scene.ts';
import { signedChallenge, type Answer } from './platform-under-test.ts';
import { goodCallOf } from './route-calls.ts';

type SignedChallenge = Awaited<ReturnType<typeof signedChallenge>>;

export function badCards(scene: BadInputScene): void {
  const present = async (spoil: (json: SignedChallenge) => Promise<object> | object) => {
    const { platform, clientToken: token, card } = scene.prepared;
    const json = await spoil(await signedChallenge(platform, token, card));
    return platform.call('POST', '/v1/authentications', { token, json });
  };
  const validate = (certificate: string): Promise<Answer> =>
    scene.prepared.platform.call('POST', '/v1/certificates/validate', {
      token: scene.prepared.clientToken,
      json: { certificate },
    });
  const works = () => scene.nextWorks(goodCallOf('authenticate'));

  describe('a card that does not do', () => {
    it.each([1, 100, 700])('a certificate cut off after %i bytes', async (length) => {
      const cut = Buffer.from(scene.prepared.card['user-authentication'].certificate, 'base64')
        .subarray(0, length)
        .toString('base64');
      const answer = await present((json) => ({ ...json, certificate: cut }));
      expectRefusal(answer, 400, 'certificate-malformed');
      expect((await validate(cut)).body).toMatchObject({
        verdict: 'invalid',
        code: 'certificate-malformed',
      });
      await works();
    });

    it('a certificate of another hierarchy of the same name', async () => {
      const elsewhere = await startJlis({ port: 0 });
      const foreign = await control(elsewhere.url, 'cards', {});
      await elsewhere.close();
      const { certificate } = foreign['user-authentication'];
      const answer = await present((json) => ({ ...json, certificate }));
      expectRefusal(answer, 422, 'certificate-issuer-untrusted', 'certificate-signature-invalid');
      expect((await validate(certificate)).body['verdict']).toBe('invalid');
      await works();
    });

    it('the signature certificate', async () => {
      const { certificate } = scene.prepared.card['digital-signature']!;
      const answer = await present((json) => ({ ...json, certificate }));
      expectRefusal(answer, 422, 'certificate-kind-wrong');
      await works();
    });

    it('a signature over something else', async () => {
      const answer = await present((json) => ({
        ...json,
        signature: Buffer.from(Buffer.from(json.signature, 'base64').toReversed()).toString(
          'base64',
        ),
      }));
      expectRefusal(answer, 422, 'challenge-signature-invalid');
      await works();
    });

    it('an expired certificate', async () => {
      const { platform, clientToken: token } = scene.prepared;
      const card = await platform.jlis('cards', { issuedAt: '2020-01-06T00:00:00Z' });
      const json = await signedChallenge(platform, token, card);
      const answer = await platform.call('POST', '/v1/authentications', { token, json });
      expectRefusal(answer, 422, 'certificate-expired');
      await works();
    });

    it('a challenge that was presented before', async () => {
      const { platform, clientToken: token, card } = scene.prepared;
      const json = await signedChallenge(platform, token, card);
      const first = await platform.call('POST', '/v1/authentications', { token, json });
      expect(first.status).toBe(201);
      const second = await platform.call('POST', '/v1/authentications', { token, json });
      expectRefusal(second, 409, 'challenge-used');
      await works();
    });

    it('a challenge that nobody made', async () => {
      const answer = await present((json) => ({
        ...json,
        challenge: json.challenge.replace(/time=\d{4}/, 'time=2090'),
      }));
      expectRefusal(answer, 404, 'challenge-not-found');
      await works();
    });

    it('a challenge that has expired', async () => {
      const answer = await present(async (json) => {
        await scene.prepared.platform.jlis('clock', { by: 'PT5M1S' });
        return json;
      });
      expectRefusal(answer, 410, 'challenge-expired');
      await scene.prepare();
      await works();
    });
  });
}
