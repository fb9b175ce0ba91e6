import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { jwksWithProofs } from '../cli/key-proofs.ts';
import { type ClientKeyPair, nameClient, openClientKey } from './client-key-file.ts';

export interface SandboxClient extends ClientKeyPair {
  readonly clientId: string;
}

export interface PlatformEndpoint {
  readonly apiUrl: string;
  /** The sandbox's clock, milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * The preregistered Type 2 service: registered by the operator at the first start, later looked up.
 */
export async function registerClient(
  platform: PlatformEndpoint,
  operator: SandboxClient,
  folder: string,
): Promise<SandboxClient & { readonly serviceId: string }> {
  const key = openClientKey(join(folder, 'client.jwk'));
  const file = join(folder, 'client.json');
  if (existsSync(file)) {
    const known = JSON.parse(readFileSync(file, 'utf8')) as { clientId: string; serviceId: string };
    return { ...known, ...key };
  }
  // If an earlier start was killed, the repeated request finds the service that it registered.
  const request = join(folder, 'registration.json');
  if (!existsSync(request)) writeFileSync(request, await registrationOf(key, platform));
  const answer = await fetch(`${platform.apiUrl}/v1/services`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await takeToken(platform, operator)}`,
      'content-type': 'application/json',
      'idempotency-key': `ready-made-${key.keyId}`,
    },
    body: readFileSync(request, 'utf8'),
  });
  const service = (await answer.json()) as { serviceId: string; clients?: { clientId: string }[] };
  const clientId = service.clients?.[0]?.clientId;
  if (clientId === undefined) {
    // The stored proof of possession is valid for minutes only: a request refused now is not
    // repeated.
    if (answer.status < 500) rmSync(request);
    throw new Error(`the ready-made service was refused: ${JSON.stringify(service)}`);
  }
  nameClient(key.keyFile, clientId);
  writeFileSync(file, JSON.stringify({ clientId, serviceId: service.serviceId }));
  rmSync(request);
  return { clientId, serviceId: service.serviceId, ...key };
}

async function registrationOf(key: ClientKeyPair, platform: PlatformEndpoint): Promise<string> {
  const name = 'Sandbox service';
  return JSON.stringify({
    organisation: { name: 'Sandbox City' },
    name,
    type: 'type2',
    status: 'active',
    grants: ['revocation-reasons:read'],
    jwks: await jwksWithProofs([{ jwk: key.publicJwk, privateKey: key.privateKey }], {
      issuer: platform.apiUrl,
      subject: name,
      now: platform.now(),
    }),
  });
}

/** An access token by private_key_jwt (RFC 7523 §2.2) with all of the client's scopes. */
export async function takeToken(
  { apiUrl, now }: PlatformEndpoint,
  { clientId, keyId, privateKey }: SandboxClient,
): Promise<string> {
  const seconds = Math.floor(now() / 1000);
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: keyId, typ: 'JWT' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(`${apiUrl}/oauth2/token`)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 120)
    .sign(privateKey);
  const answer = await fetch(`${apiUrl}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  });
  const token = (await answer.json()) as { access_token?: string };
  if (token.access_token === undefined)
    throw new Error(`no token for ${clientId}: ${JSON.stringify(token)}`);
  return token.access_token;
}
