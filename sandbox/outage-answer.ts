import { problemType, problems } from '../lambdas/platform/http/problems.ts';
import type { RenderedResponse } from './cloud/gateway/gateway-response.ts';

/**
 * What `GET /v1/status` says while the tables are out. The function itself touches nothing and would
 * go on answering that the platform is up; only the sandbox knows.
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
