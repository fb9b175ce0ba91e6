import type { Comparison } from '../../crl-store/ingest/comparison.ts';
import { tellOfRevocations, type RevocationPorts, type Told } from './tell-of-revocations.ts';

/** Step Functions task for one part of a comparison; repeatable. */
export function compareListsHandler(
  ports: Omit<RevocationPorts, 'now'>,
  clock: () => number = Date.now,
  log: (line: object) => void = (line) => console.log(JSON.stringify(line)),
) {
  return async (comparison: Comparison): Promise<Told> => {
    const told = await tellOfRevocations(comparison, { ...ports, now: clock() });
    log({ event: 'lists-compared', from: comparison.from, to: comparison.to, ...told });
    return told;
  };
}
