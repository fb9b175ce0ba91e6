import { createProgressBar, type ProgressBar, type ProgressBarOptions } from './progress-bar.ts';

/** The bars of a command that does one thing after the other: each is at 100 % once. */
export interface ProgressPhases {
  /** Ends the phase before, which is done, and begins this one. */
  begin(label: string, unit: ProgressBarOptions['unit']): ProgressBar;
  /** The last phase is done. */
  finish(): void;
  /** The current phase is not, and no other will be. */
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
