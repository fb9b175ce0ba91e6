/**
 * Placeholders in examples for values that differ in every call. Each has the format of its field;
 * a test replaces them with real values and makes the call.
 */
export const standIns = {
  'PGNlcnRpZmljYXRlPg==':
    'the DER of the card’s user-authentication certificate in base64 (here: of `<certificate>`)',
  'PHNpZ25hdHVyZT4=':
    'the card’s signature over the octets of the challenge in base64 (here: of `<signature>`)',
  'my-key-platform/challenge/1 issuer=https://api.example.jp service=svc_4f1cK2mVQ0yN8b7tXw3RZA time=2026-11-27T08:30:00Z nonce=p1mTq0mT2b0VnYV4y7lq3A mac=3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA':
    'the challenge, as `POST /v1/challenges` gave it',
  bqn4k2zv7wpx5tq3mhc6ryd2gsl4jf7e: 'the PPID of a person at your service, from a login',
  svc_4f1cK2mVQ0yN8b7tXw3RZA: 'the id of a service',
  org_2kT9sVb4Qm6yXw8cRd1LhA: 'the id of an organisation',
  sec_7hJ3nPq5Ws9zBv2kGf4TmA: 'the sector id of a service',
  cli_8bN2vXk6Tf3qYr5mJd9LsA: 'the id of a client',
  job_5tR8wKc2Vn7hMq4xZb6PfA: 'the id of a job, from `POST /v1/revocations/jobs`',
  rse_6yL4gHs8Dk3vTn9pQw2CbA: 'the id of a reading session',
  'whpk_OZ2Jz4hO8qFwWyDKc8BZy2kQXg6oF0R0gP9h2tT8uSs=':
    'a public key that verifies notices, from `GET /v1/webhook`',
  AQABq83vEjRWeJASNFZ4kKvN7w: 'a cursor, from `next` of the previous answer',
  'rse_6yL4gHs8Dk3vTn9pQw2CbA.Zk3vTn9pQw2CbAyL4gHs8DZk3vTn9pQw2CbAyL4gHs8':
    'the ticket of a reading session, the token for its result, or the one-time code for its outcome',
  trm_9nQw2CbAyL4gHs8Dk3vTpQ: 'the id of a terminal',
  'svc_4f1cK2mVQ0yN8b7tXw3RZA.trm_9nQw2CbAyL4gHs8Dk3vTpQ.Zk3vTn9pQw2CbAyL4gHs8DZk3vTn9pQw2CbAyL4gHs8':
    'the pairing code of a terminal, or the token of its reader program',
  'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJjbGlfIn0.c2lnbmF0dXJl':
    'a JWT: your client assertion in a request, the access token in an answer',
  'eyJ0eXAiOiJteWtleS1rZXktcHJvb2Yrand0In0.eyJqa3RzIjpbXX0.c2lnbmF0dXJl':
    'a proof of possession of a client key (docs/client-keys.md), from `npx mykey jwks --for …`',
  flg_JS8QyDYQ68oaBZwLroJV6w: 'the id of a flag',
  act_ypeBEsobvcr6wjGzmiPcTQ: 'the id of an act',
  'AQABFI3pxaekTRnlbNmuGlVL9nhHr7DFj24S-imsfd_KmUAUjenFp6RNGeVs2a4aVUv2eEevsMWPbhL6Kax9':
    'the handle of a person, from a flag',
  'AQABjjXCzTv2ZBvbDiBQt2kyy7LmA0oN2swdm-qCprpX98-ONcLNO_ZkG9sOIFC3aTLLsuYDSg3azB2b6oKm':
    'the handle of a person, from a flag',
  AQABLn0sA6lQeuJl7PW1NWiFpTOTogKdJBOUmXJloaJa78YufSwDqVB64mXs9bU1aIWlM5OiAp0kE5SZcmWh:
    'the handle of a certificate, from a flag',
  glTDKakoUPbVOd03b0gW7idkUX2l4CNVFK9DMWRIDXo: 'the RFC 7638 thumbprint of a key',
  rKyGwOYJypBvYysOLazMsrd9IrBiHyDr7OGkg1uT9vA: 'the RFC 7638 thumbprint of a key',
  d6mz3qk7tw4xr2vhb5ny2scj4gpf6a7l: 'the PPID of another person at your service',
  MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4: 'a coordinate of a public key',
  '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM': 'a coordinate of a public key',
  'first-key': 'the `kid` of a key',
  'City of Example': 'a name',
  'Residents’ portal': 'a name',
} as const satisfies Readonly<Record<string, string>>;

export const example = {
  certificate: 'PGNlcnRpZmljYXRlPg==',
  signature: 'PHNpZ25hdHVyZT4=',
  challenge:
    'my-key-platform/challenge/1 issuer=https://api.example.jp service=svc_4f1cK2mVQ0yN8b7tXw3RZA time=2026-11-27T08:30:00Z nonce=p1mTq0mT2b0VnYV4y7lq3A mac=3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  ppid: 'bqn4k2zv7wpx5tq3mhc6ryd2gsl4jf7e',
  serviceId: 'svc_4f1cK2mVQ0yN8b7tXw3RZA',
  organisationId: 'org_2kT9sVb4Qm6yXw8cRd1LhA',
  sectorId: 'sec_7hJ3nPq5Ws9zBv2kGf4TmA',
  clientId: 'cli_8bN2vXk6Tf3qYr5mJd9LsA',
  jobId: 'job_5tR8wKc2Vn7hMq4xZb6PfA',
  sessionId: 'rse_6yL4gHs8Dk3vTn9pQw2CbA',
  webhookKey: 'whpk_OZ2Jz4hO8qFwWyDKc8BZy2kQXg6oF0R0gP9h2tT8uSs=',
  eventCursor: 'AQABq83vEjRWeJASNFZ4kKvN7w',
  flagId: 'flg_JS8QyDYQ68oaBZwLroJV6w',
  actId: 'act_ypeBEsobvcr6wjGzmiPcTQ',
  personHandle:
    'AQABFI3pxaekTRnlbNmuGlVL9nhHr7DFj24S-imsfd_KmUAUjenFp6RNGeVs2a4aVUv2eEevsMWPbhL6Kax9',
  otherPersonHandle:
    'AQABjjXCzTv2ZBvbDiBQt2kyy7LmA0oN2swdm-qCprpX98-ONcLNO_ZkG9sOIFC3aTLLsuYDSg3azB2b6oKm',
  certificateHandle:
    'AQABLn0sA6lQeuJl7PW1NWiFpTOTogKdJBOUmXJloaJa78YufSwDqVB64mXs9bU1aIWlM5OiAp0kE5SZcmWh',
  keyThumbprint: 'glTDKakoUPbVOd03b0gW7idkUX2l4CNVFK9DMWRIDXo',
  otherKeyThumbprint: 'rKyGwOYJypBvYysOLazMsrd9IrBiHyDr7OGkg1uT9vA',
  otherPpid: 'd6mz3qk7tw4xr2vhb5ny2scj4gpf6a7l',
  ticket: 'rse_6yL4gHs8Dk3vTn9pQw2CbA.Zk3vTn9pQw2CbAyL4gHs8DZk3vTn9pQw2CbAyL4gHs8',
  terminalId: 'trm_9nQw2CbAyL4gHs8Dk3vTpQ',
  terminalSecret:
    'svc_4f1cK2mVQ0yN8b7tXw3RZA.trm_9nQw2CbAyL4gHs8Dk3vTpQ.Zk3vTn9pQw2CbAyL4gHs8DZk3vTn9pQw2CbAyL4gHs8',
  jwt: 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJjbGlfIn0.c2lnbmF0dXJl',
  keyProof: 'eyJ0eXAiOiJteWtleS1rZXktcHJvb2Yrand0In0.eyJqa3RzIjpbXX0.c2lnbmF0dXJl',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
  keyId: 'first-key',
  organisationName: 'City of Example',
  serviceName: 'Residents’ portal',
  time: '2026-11-27T08:30:00.000Z',
  later: '2026-11-27T08:35:00.000Z',
} as const;

/** The meaning of each placeholder. */
export const standsFor = (value: string): string | undefined =>
  Object.hasOwn(standIns, value) ? standIns[value as keyof typeof standIns] : undefined;

/** One example call of an operation, as the API reference shows it. */
export interface OperationExample {
  /** The contract’s summary, in Japanese: not there, as no function needs it. */
  readonly summaryInJapanese: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly request?: Readonly<Record<string, unknown>>;
  /** The response body; a string is its beginning. */
  readonly response: unknown;
  /** True if the response has further members that are not shown. */
  readonly isExcerpt?: true;
}

/** The export of a capability's `examples.ts`, by operation. */
export type OperationExamples = Readonly<Record<string, OperationExample>>;
