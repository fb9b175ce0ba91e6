import { ask, expectStatus } from './ask.ts';
import type { SmokeTarget } from './smoke-target.ts';

/** The platform answers, and its clock differs by no more than token requests allow. */
export async function status({ url }: SmokeTarget): Promise<string> {
  const before = Date.now();
  const answer = await ask(url, '/v1/status');
  expectStatus(answer, 200);
  const skewMs = Math.round(Date.parse(String(answer.json['time'])) - (before + Date.now()) / 2);
  return `HTTP 200; its clock differs by ${skewMs} ms`;
}
