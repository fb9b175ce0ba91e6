import type { GoodCalls } from '../../e2e/good-call.ts';

export const goodCalls = {
  'get-reading-screen': {
    status: 200,
    path: ({ counterServiceId }) => `/counter/${counterServiceId}`,
    make: ({ platform, counterServiceId }) => platform.call('GET', `/counter/${counterServiceId}`),
  },
} as const satisfies GoodCalls;
