import type { StageConfiguration } from '../config.ts';
import type { PlatformFunction } from './platform-function.ts';

/** The periods by which a function writes expiries, or deletes. */
export function addRetention(fn: PlatformFunction, { retention }: StageConfiguration): void {
  fn.addEnvironment('OPEN_REQUESTS_DAYS', String(retention.openRequestsDays));
  fn.addEnvironment('DECIDED_REQUESTS_DAYS', String(retention.decidedRequestsDays));
  fn.addEnvironment('WAITING_NUMBERS_DAYS', String(retention.waitingNumbersDays));
}
