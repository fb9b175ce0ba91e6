import type { Stage } from './stage.ts';

/** A fault or a race. What the answers came to, the stage's model counts. */
export interface Scenario {
  readonly name: string;
  readonly kind: 'fault' | 'race';
  /** One line for `--list`. */
  readonly about: string;
  run(stage: Stage): Promise<Outcome>;
}

export interface Outcome {
  /** From the end of the fault until a new login is answered as before. */
  readonly recoverySeconds?: number;
  /** What else is worth knowing, in a few words. */
  readonly note?: string;
}

/** This machine cannot make the fault: counted as not run, with the reason. */
export class NotPossibleHere extends Error {
  override readonly name = 'NotPossibleHere';
}
