import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { newKey } from '../stage.ts';

const paused = (seconds: number): Scenario => ({
  name: `tables-paused-${seconds}`,
  kind: 'fault',
  about: `DynamoDB Local stands still for ${seconds} s (SIGSTOP), and writes late what it was sent`,
  async run(stage) {
    const pid = stage.sandbox.emulator();
    let recoverySeconds = 0;
    await stage.whileVisited(async () => {
      const registering = stage.register(stage.operator.client, `Paused ${seconds}`, newKey());
      process.kill(pid, 'SIGSTOP');
      try {
        await delay(seconds * 1000);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      recoverySeconds = await stage.recovery();
      const { reply } = await registering;
      if (reply.status !== 201)
        stage.model.complain('lost', `a service: ${reply.text.slice(0, 80)}`);
    });
    return { recoverySeconds };
  },
});

export const tableFaults: readonly Scenario[] = [
  paused(4),
  paused(7),
  paused(10),
  {
    name: 'tables-killed',
    kind: 'fault',
    about: 'DynamoDB Local is killed; the sandbox starts it again',
    async run(stage) {
      let recoverySeconds = 0;
      await stage.whileVisited(async () => {
        await delay(1_000);
        process.kill(stage.sandbox.emulator(), 'SIGKILL');
        recoverySeconds = await stage.recovery();
      });
      const told = /DynamoDB Local ended .*started again/.test(stage.sandbox.output);
      if (!told) stage.model.complain('wrong', 'the console says nothing of it');
      return { recoverySeconds };
    },
  },
];
