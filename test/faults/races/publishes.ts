import type { Scenario } from '../scenario.ts';
import { codeOf, isForNow, type Stage } from '../stage.ts';

const issuer = 'user-authentication-2023';
const blockSize = 500;

interface Block {
  readonly first: number;
  readonly step: number;
}

interface Checked {
  readonly counts?: object;
  readonly evidence?: { readonly crlNumber: string };
  readonly notGood?: { readonly revoked: { readonly row: readonly number[] } };
}

async function publishBlock(stage: Stage): Promise<Block> {
  const { firstSerial, step } = await stage.jlis<{ firstSerial: string; step: number }>(
    'crl/synthetic',
    { issuer, count: blockSize },
  );
  return { first: Number.parseInt(firstSerial, 16), step };
}

const serialsOf = ({ first, step }: Block): string[] =>
  Array.from({ length: blockSize }, (_, n) => (first + n * step).toString(16));

/** Never issued and never revoked. */
const cleanSerials = Array.from({ length: 100 }, (_, n) => (0x6fff_0000 + n * 2).toString(16));

/**
 * Lists are published and loaded one behind the other while readers ask. An answer is from one list:
 * what that list revokes is revoked in it, whole, and nothing else. Lists never go back for a reader
 * that has seen a newer one, but for the five seconds that a warm function keeps the former.
 */
export const publishRaces: readonly Scenario[] = [
  {
    name: 'publishes-with-bulk-readers',
    kind: 'race',
    about: 'six lists are published and loaded in parallel under eight bulk readers',
    async run(stage) {
      const standing = await publishBlock(stage);
      const first = await stage.ingest();
      if (!first.ok)
        stage.model.complain('lost', `a list is not loaded: ${first.text.slice(0, 200)}`);
      const blocks: Block[] = [];
      const service = stage.services[0]!;
      const over = new AbortController();
      const read = async (): Promise<void> => {
        while (!over.signal.aborted) {
          const known = [...blocks];
          const groups = [cleanSerials, ...[standing, ...known].map(serialsOf)];
          const json = { issuer, serialFormat: 'hex', serials: groups.flat() };
          const reply = await stage.persist(() =>
            stage.call(service, 'POST', '/v1/revocations/check', json),
          );
          if (reply.status !== 200) {
            const kind = isForNow(reply) ? 'lost' : 'wrong';
            stage.model.complain(kind, `a bulk check: ${codeOf(reply)}`);
            continue;
          }
          judge(stage, groups, reply.body);
        }
      };
      const readers = Array.from({ length: 8 }, read);
      const refusals: string[] = [];
      await Promise.all(
        Array.from({ length: 6 }, async () => {
          blocks.push(await publishBlock(stage));
          const { ok, text } = await stage.ingest();
          if (!ok) refusals.push(text);
        }),
      );
      over.abort();
      await Promise.all(readers);
      // Whoever was overtaken by a newer list may be refused; the last of all must serve.
      const last = await stage.ingest();
      if (!last.ok) stage.model.complain('lost', `the last list: ${last.text.slice(0, 200)}`);
      await everythingIsRevoked(stage, [standing, ...blocks]);
      return { note: `${refusals.length} of 6 ingestions overtaken` };
    },
  },
];

function judge(stage: Stage, groups: readonly (readonly string[])[], answer: Checked): void {
  const { model } = stage;
  model.counts.answers += 1;
  const revoked = new Set(answer.notGood?.revoked.row ?? []);
  let row = 0;
  for (const [n, group] of groups.entries()) {
    const found = group.filter(() => revoked.has(row++)).length;
    if (n === 0 && found > 0) model.complain('wrong', 'what nobody revoked is revoked');
    if (n === 1 && found < group.length) model.complain('wrong', 'what is revoked is good');
    if (n > 1 && found !== 0 && found !== group.length)
      model.complain('wrong', 'an answer is from two lists');
  }
}

/** A warm function asks for the serving list again after five seconds. */
async function everythingIsRevoked(stage: Stage, blocks: readonly Block[]): Promise<void> {
  const serials = blocks.flatMap(serialsOf);
  for (const until = performance.now() + 15_000; ;) {
    const json = { issuer, serialFormat: 'hex', serials };
    const service = stage.services[0]!;
    const { body } = await stage.call(service, 'POST', '/v1/revocations/check', json);
    const found = (body as Checked).notGood?.revoked.row.length;
    if (found === serials.length) return;
    if (performance.now() < until) continue;
    stage.model.complain('lost', `${found} of ${serials.length} revocations are known at the end`);
    return;
  }
}
