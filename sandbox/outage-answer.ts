import { problemType, problems } from '../lambdas/platform/http/problems.ts';
import type { RenderedResponse } from './cloud/gateway/gateway-response.ts';

/**
 * The response of `GET /v1/status` while the tables are unavailable. The function itself uses no
 * table and would still report that the platform is up.
 */
export const outageAnswer =
  (publicBaseUrl: string) =>
  (path: string, why: string): RenderedResponse | undefined => {
    if (path !== '/v1/status') return undefined;
    const code = 'dependency-unavailable';
    const { status, title } = problems[code];
    const type = problemType(code, publicBaseUrl);
    return {
      status,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '1' },
      body: JSON.stringify({ type, title, status, detail: why, code }),
    };
  };
