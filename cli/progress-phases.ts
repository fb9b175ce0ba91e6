import { createProgressBar, type ProgressBar, type ProgressBarOptions } from './progress-bar.ts';

/** Progress bars of a command with consecutive phases; each phase reaches 100 % once. */
export interface ProgressPhases {
  /** Completes the previous phase and starts this one. */
  begin(label: string, unit: ProgressBarOptions['unit']): ProgressBar;
  /** Completes the last phase. */
  finish(): void;
  /** Ends the current phase unfinished; no other follows. */
  stop(): void;
}

export function createProgressPhases(
  options: Pick<ProgressBarOptions, 'stream' | 'now'> = {},
): ProgressPhases {
  let current: ProgressBar | undefined;
  return {
    begin(label, unit) {
      current?.finish();
      current = createProgressBar({ ...options, label, unit });
      return current;
    },
    finish: () => current?.finish(),
    stop: () => current?.stop(),
  };
}
