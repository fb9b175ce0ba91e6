import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import type { Reply, Stage } from '../stage.ts';

/** How long J-LIS is in trouble: longer than a responder that failed is left alone (5 s). */
const troubleMs = 8_000;

const trouble = async (stage: Stage, states: Readonly<Record<string, string>>): Promise<void> => {
  const running = Object.fromEntries(Object.keys(states).map((service) => [service, 'running']));
  await stage.whileVisited(async () => {
    await stage.jlis('services', states);
    await delay(troubleMs);
    await stage.jlis('services', running);
  });
};

interface Validated {
  readonly validation?: { readonly revocation?: { readonly method?: string } };
}

const byOcsp = ({ body }: Reply): boolean =>
  (body as Validated).validation?.revocation?.method === 'ocsp';

const ocsp = (name: string, state: string, about: string): Scenario => ({
  name,
  kind: 'fault',
  about,
  async run(stage) {
    await trouble(stage, { ocsp: state });
    return { recoverySeconds: await stage.recovery(byOcsp), note: 'answered by list meanwhile' };
  },
});

export const serviceFaults: readonly Scenario[] = [
  ocsp('ocsp-stopped', 'stopped', 'the OCSP responder drops every connection'),
  ocsp('ocsp-slow', 'slow', 'the OCSP responder answers two seconds late'),
  ocsp('ocsp-try-later', 'try-later', 'the OCSP responder answers tryLater'),
  {
    name: 'lists-and-linkage-down',
    kind: 'fault',
    about: 'no list and no linkage: known people log in, nobody new is minted',
    async run(stage) {
      await trouble(stage, { crl: 'stopped', linkage: 'stopped' });
      const recoverySeconds = await stage.recovery();
      const { ok, text } = await stage.ingest();
      if (!ok) stage.model.complain('lost', `lists are not loaded again: ${text.slice(0, 200)}`);
      return { recoverySeconds };
    },
  },
  {
    name: 'everything-of-jlis-down',
    kind: 'fault',
    about: 'OCSP, lists and linkage at once',
    async run(stage) {
      await trouble(stage, { ocsp: 'stopped', crl: 'stopped', linkage: 'unavailable' });
      return { recoverySeconds: await stage.recovery(byOcsp) };
    },
  },
];
