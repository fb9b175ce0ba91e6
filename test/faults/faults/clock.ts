import type { Scenario } from '../scenario.ts';

export const clockFaults: readonly Scenario[] = [
  {
    name: 'clock-forth-and-back',
    kind: 'fault',
    about: 'the clock of the sandbox goes an hour forth and back while people log in',
    async run(stage) {
      let recoverySeconds = 0;
      for (const by of ['PT1H', '-PT1H']) {
        // A visitor's challenge may expire on the way, or be of a time to come: those end before.
        await stage.whileVisited(async () => undefined);
        await stage.moveClock({ by });
        recoverySeconds = Math.max(recoverySeconds, await stage.recovery());
        await stage.whileVisited(async () => undefined);
      }
      return { recoverySeconds };
    },
  },
];
