const source = 'http://ocsp.example.jp/user-authentication-2023';

/** A certificate that OCSP reported as good. */
export const validationExample = {
  kind: 'user-authentication',
  anchor: 'user-authentication-2023',
  revocation: {
    status: 'good',
    method: 'ocsp',
    source,
    thisUpdate: '2026-11-27T08:30:00Z',
    nextUpdate: '2026-11-27T08:40:00Z',
    producedAt: '2026-11-27T08:30:00Z',
    ageSeconds: 0,
    attempts: [{ method: 'ocsp', source, outcome: 'good' }],
  },
} as const;
