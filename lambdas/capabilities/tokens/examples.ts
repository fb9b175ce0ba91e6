import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const publicKey = { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' };

/** Heading for the API reference. */
export const about = 'Access tokens and the keys that verify them.';
export const aboutInJapanese = 'アクセストークン';

export const examples = {
  'get-token': {
    summaryInJapanese: 'アクセストークンを得る',
    request: {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: example.jwt,
      scope: 'challenges:write authentications:write',
    },
    response: {
      access_token: example.jwt,
      token_type: 'Bearer',
      expires_in: 600,
      scope: 'challenges:write authentications:write',
    },
  },
  'get-token-keys': {
    summaryInJapanese: 'アクセストークンに署名する鍵',
    response: { keys: [{ ...publicKey, kid: example.keyId, x: example.x, y: example.y }] },
  },
  'get-server-metadata': {
    summaryInJapanese: '認可サーバーのメタデータ',
    response: {
      issuer: 'https://api.example.jp',
      token_endpoint: 'https://api.example.jp/oauth2/token',
      jwks_uri: 'https://api.example.jp/.well-known/jwks.json',
      scopes_supported: ['challenges:write', 'authentications:write'],
      response_types_supported: [],
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'ES384', 'RS256', 'PS256'],
      service_documentation: 'https://api.example.jp/docs',
    },
  },
} as const satisfies OperationExamples;
