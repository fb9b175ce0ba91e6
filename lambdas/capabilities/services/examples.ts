import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const { serviceId, organisationId } = example;
const path = { serviceId } as const;
const jwk = {
  kty: 'EC',
  crv: 'P-256',
  x: example.x,
  y: example.y,
  kid: example.keyId,
  alg: 'ES256',
} as const;
const jwks = { keys: [{ ...jwk, use: 'sig' }] } as const;
const service = {
  serviceId,
  organisationId,
  name: example.serviceName,
  type: 'type2',
  status: 'active',
  sectorId: example.sectorId,
  clients: [{ clientId: example.clientId, scopes: ['challenges:write', 'authentications:write'] }],
  createdAt: example.time,
  updatedAt: example.time,
} as const;

/** Heading for the API reference. */
export const about = 'Registration of services, their life cycle and their keys.';
export const aboutInJapanese = 'サービスの登録';

export const examples = {
  'create-service': {
    summaryInJapanese: 'サービスを登録する',
    request: {
      organisation: { name: example.organisationName },
      name: example.serviceName,
      type: 'type2',
      status: 'active',
      jwks: { keys: [jwk], proofs: [example.keyProof] },
    },
    response: service,
  },
  'list-services': {
    summaryInJapanese: 'サービスと組織の一覧',
    response: {
      services: [
        {
          serviceId,
          name: example.serviceName,
          type: 'type2',
          status: 'active',
          organisation: { organisationId, name: example.organisationName },
        },
      ],
    },
  },
  'get-service': { summaryInJapanese: 'サービスを読む', path, response: service },
  'change-service-status': {
    summaryInJapanese: 'サービスの状態を進める',
    path,
    request: { status: 'active' },
    response: service,
  },
  'change-service-grants': {
    summaryInJapanese: '種別の範囲を超えるスコープを与える',
    path,
    request: { grants: ['revocation-reasons:read'] },
    response: service,
  },
  'change-counter-terms': {
    summaryInJapanese: 'Type 1 サービスのカード読取り条件を登録する',
    path,
    request: {
      minimumAssurance: 'chip-presence',
      supervised: true,
      origins: ['https://counter.example'],
    },
    response: {
      ...service,
      type: 'type1',
      counter: {
        minimumAssurance: 'chip-presence',
        supervised: true,
        holdsPerDay: 2_000,
        origins: ['https://counter.example'],
        returnUrls: [],
      },
      pledges: [
        {
          documentSha256: 'ab'.repeat(32),
          version: '1',
          signerRole: 'Mayor',
          signedOn: '2026-04-01',
          recordedAt: service.createdAt,
        },
      ],
    },
  },
  'replace-encryption-key': {
    summaryInJapanese: '四情報を暗号化する鍵を登録する',
    path,
    request: { kty: 'EC', crv: 'P-256', x: example.x, y: example.y, kid: 'attributes-1' },
    response: {
      kty: 'EC',
      crv: 'P-256',
      x: example.x,
      y: example.y,
      use: 'enc',
      alg: 'ECDH-ES',
      kid: 'attributes-1',
    },
  },
  'get-service-jwks': { summaryInJapanese: 'サービスのクライアント鍵を読む', path, response: jwks },
  'replace-service-jwks': {
    summaryInJapanese: 'サービスのクライアント鍵を置き換える',
    path,
    request: { keys: [jwk] },
    response: jwks,
  },
} as const satisfies OperationExamples;
