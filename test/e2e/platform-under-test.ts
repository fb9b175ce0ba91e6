import type { KeyObject } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';
import { exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';
import * as oauth from 'oauth4webapi';
import { jwksWithProofs } from '../../cli/key-proofs.ts';
import { control, type CardView } from '../../sandbox/jlis/control-client.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';

/** An answer of the platform, its body read as JSON where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

export interface OauthIdentity {
  readonly clientId: string;
  readonly keyId: string;
  readonly privateKey: CryptoKey;
}

/** The running sandbox as an integrator meets it: HTTP, a client key, a card. */
export interface PlatformUnderTest {
  readonly sandbox: Sandbox;
  readonly operator: OauthIdentity;
  readonly secondOperator: OauthIdentity;
  readonly client: OauthIdentity;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  jlis<Body = CardView>(path: string, body: object): Promise<Body & { readonly status: number }>;
}

export interface CallOptions {
  readonly token?: string | undefined;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, under `contentType`. */
  readonly raw?: Uint8Array | string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * @param dataDir keeps everything there over a restart
 * @param settings as `cdk … -c name=value`
 */
export async function startPlatform(
  dataDir?: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<PlatformUnderTest> {
  const sandbox = await startSandbox({ port: 0, jlisPort: 0, dataDir, settings });
  return {
    sandbox,
    operator: identityOf(sandbox.operator),
    secondOperator: identityOf(sandbox.secondOperator),
    client: identityOf(sandbox.client),
    call: (method, path, options = {}) => send(sandbox.apiUrl, method, path, options),
    jlis: (path, body) => control(sandbox.jlis.url, path, body),
  };
}

const identityOf = (client: {
  readonly clientId: string;
  readonly keyId: string;
  readonly privateKey: KeyObject;
}): OauthIdentity => ({
  clientId: client.clientId,
  keyId: client.keyId,
  privateKey: client.privateKey.toCryptoKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
  ]),
});

/** A fresh client key and the JWK to register. */
export async function newClientKey(): Promise<{ privateKey: CryptoKey; jwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'first', alg: 'ES256' } };
}

/** A set of this key with its proof, as an applicant sends it for a service of this name. */
export const provedJwks = (
  platform: PlatformUnderTest,
  { privateKey, jwk }: { readonly privateKey: CryptoKey; readonly jwk: JWK },
  subject: string,
) =>
  jwksWithProofs([{ jwk, privateKey }], {
    issuer: platform.sandbox.apiUrl,
    subject,
    now: platform.sandbox.jlis.clock.now(),
  });

const insecure = { [oauth.allowInsecureRequests]: true };

/** The server's metadata, as an independent OAuth client library finds and checks it. */
export async function discover(platform: PlatformUnderTest): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(platform.sandbox.apiUrl);
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  return oauth.processDiscoveryResponse(issuer, response);
}

export interface TokenOptions {
  readonly scope?: string;
  /** Changes the assertion before it is signed. */
  readonly spoil?: (header: object, payload: Record<string, unknown>) => void;
}

/**
 * An access token by private_key_jwt through that library.
 *
 * @throws oauth4webapi's ResponseBodyError with `error` and the body, when it is refused
 */
export async function takeToken(
  platform: PlatformUnderTest,
  identity: OauthIdentity,
  options: TokenOptions = {},
): Promise<string> {
  const server = await discover(platform);
  const ahead = platform.sandbox.jlis.clock.now() - Date.now();
  const client: oauth.Client = {
    client_id: identity.clientId,
    [oauth.clockSkew]: Math.round(ahead / 1000),
  };
  const authentication = oauth.PrivateKeyJwt(
    { key: identity.privateKey, kid: identity.keyId },
    options.spoil && { [oauth.modifyAssertion]: options.spoil },
  );
  const parameters = options.scope === undefined ? {} : { scope: options.scope };
  const response = await oauth.clientCredentialsGrantRequest(
    server,
    client,
    authentication,
    parameters,
    insecure,
  );
  const token = await oauth.processClientCredentialsResponse(server, client, response);
  return token.access_token;
}

/** Through node:http, which also sends a body with GET. */
function send(
  url: string,
  method: string,
  path: string,
  { token, json, raw, contentType = 'application/json', headers = {} }: CallOptions,
): Promise<Answer> {
  const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  return new Promise((resolve, reject) => {
    const sent = request(
      url + path,
      {
        method,
        headers: {
          ...headers,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && {
            'content-type': contentType,
            'content-length': Buffer.byteLength(body),
          }),
        },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          const type = response.headers['content-type'] ?? '';
          const body = parsed(type, text);
          if (typeof body['code'] === 'string') globalThis.codeEmitted?.(body['code']);
          const { statusCode: status = 0, headers } = response;
          resolve({ status, type, headers, text, body });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const parsed = (type: string, text: string): Record<string, unknown> =>
  type.includes('json') && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {};

/** A challenge of the client's own, signed by the card: the body of an authentication. */
export async function signedChallenge(
  platform: PlatformUnderTest,
  token: string,
  card: CardView,
): Promise<{ challenge: string; certificate: string; signature: string }> {
  const { body } = await platform.call('POST', '/v1/challenges', { token, json: {} });
  const challenge = String(body['challenge']);
  const { signature } = await platform.jlis<{ signature: string }>(`cards/${card.cardId}/sign`, {
    pin: '1234',
    text: challenge,
  });
  return {
    challenge,
    certificate: card['user-authentication'].certificate,
    signature,
  };
}
