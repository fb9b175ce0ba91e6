import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const byCard = {
  challenge: example.challenge,
  certificate: example.certificate,
  signature: example.signature,
} as const;

/** Heading for the API reference. */
export const about =
  'What a person may ask of the platform, authenticated by the card: disclosure, suspension, deletion.';
export const aboutInJapanese = '本人の権利';

const request = {
  requestId: example.actId,
  act: 'suspend',
  basis: 'guardian',
  fileReference: 'File A 12',
  requestedAt: example.time,
} as const;

export const examples = {
  'create-rights-challenge': {
    request: { act: 'disclose' },
    response: { challenge: example.challenge, expiresAt: example.time },
  },
  'disclose-record': {
    request: byCard,
    response: {
      disclosedAt: example.time,
      use: { suspended: false },
      mergedRecords: 0,
      certificates: [
        {
          kind: 'user-authentication',
          certificate: { issuerKeyId: 'a1b2', serial: '01020304', validUntil: example.later },
          filedAt: example.time,
          superseded: false,
          predecessor: { askedAt: example.time },
        },
      ],
      services: [
        {
          serviceId: example.serviceId,
          name: example.serviceName,
          ppid: example.ppid,
          keyVersion: '1',
          issuedAt: example.time,
          consents: [],
        },
      ],
      myKeyIds: [],
      acts: [],
    },
    isExcerpt: true,
  },
  'disclose-record-page': {
    request: { ...byCard, language: 'en' },
    response: '<!doctype html>',
  },
  'take-request-on-behalf': {
    request: {
      act: 'suspend',
      basis: 'guardian',
      fileReference: 'File A 12',
      serviceId: example.serviceId,
      person: { ppid: example.ppid },
    },
    response: request,
  },
  'list-requests-on-behalf': { request: {}, response: { requests: [request] }, isExcerpt: true },
  'approve-request-on-behalf': {
    request: { requestId: example.actId },
    response: { act: 'suspend', use: { suspended: true, suspendedBy: 'operator' } },
  },
  'request-my-key-id': {
    request: byCard,
    response: { myKeyId: 'ABC23456', issuedAt: example.time },
    isExcerpt: true,
  },
  'request-right': { request: byCard, response: { suspended: false } },
} as const satisfies OperationExamples;
