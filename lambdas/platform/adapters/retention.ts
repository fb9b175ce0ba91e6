import type { Retention } from '../../people/retention.ts';
import { required } from './environment.ts';

const dayMs = 86_400_000;

/** As `addRetention` sets it in a function's environment. */
export const retentionOfEnvironment = (): Retention => ({
  openRequestsMs: Number(required('OPEN_REQUESTS_DAYS')) * dayMs,
  decidedRequestsMs: Number(required('DECIDED_REQUESTS_DAYS')) * dayMs,
  waitingNumbersMs: Number(required('WAITING_NUMBERS_DAYS')) * dayMs,
});
