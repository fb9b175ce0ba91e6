import { expect, it } from '@jest/globals';
import {
  createTerminal,
  listTerminals,
} from '../../../lambdas/capabilities/terminals/operation.ts';
import { memoryTerminals } from '../../fakes/memory-stores.ts';

it('terminals of a service are listed oldest first, whatever their ids', async () => {
  const terminals = memoryTerminals();
  const names = Array.from({ length: 8 }, (_, n) => `Counter ${n}`);
  // Registered latest first: neither ids nor the order of registration help.
  for (const [n, name] of [...names.entries()].toReversed())
    await createTerminal(terminals, 'svc_a', { name, unattended: false }, 1_000 + n);
  await createTerminal(
    terminals,
    'svc_b',
    { name: 'Counter of another service', unattended: false },
    0,
  );
  expect((await listTerminals(terminals, 'svc_a')).map(({ name }) => name)).toEqual(names);
});
