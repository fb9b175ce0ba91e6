import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cloud } from '../../sandbox/cloud/start-cloud.ts';
import type { CardView } from '../../sandbox/jlis/control-client.ts';
import { serviceEnvironment } from '../../sandbox/environment-file.ts';
import {
  signedChallenge,
  startPlatform,
  takeToken,
  type PlatformUnderTest,
} from '../e2e/platform-under-test.ts';
import { copyTable, emptyTable } from './copy-table.ts';

/** What callers see, and what a restore must not change. */
export interface Seen {
  readonly ppids: readonly string[];
  readonly userNumbers: readonly string[];
  /** Sources whose list serves. J-LIS publishes on while a platform starts, so numbers may rise. */
  readonly lists: readonly string[];
  /** Status of a revoked certificate's serial and of one that is not. */
  readonly checked: { readonly revoked: number; readonly good: number };
}

export interface Rehearsal {
  readonly before: Seen;
  readonly after: Seen;
  /** Items copied, by the table's own name. */
  readonly copied: Readonly<Record<string, number>>;
  /** Items that stood in the replaced tables at the end: none were written there. */
  readonly leftBehind: number;
}

const names = ['Services', 'Sessions', 'Identity', 'Revocation', 'Jobs'] as const;
const persons = 5;

/**
 * The restore of docs/deploy.md with the sandbox: every table copied to a new name, as point-in-time
 * recovery does; the old ones emptied; the same stack deployed with `restoredTables`.
 */
export async function rehearseRestore(tell: (line: string) => void): Promise<Rehearsal> {
  const folder = mkdtempSync(join(tmpdir(), 'my-key-restore-'));
  let platform: PlatformUnderTest | undefined;
  try {
    tell('starting a platform');
    platform = await startPlatform(folder);
    const cards: CardView[] = [];
    for (let n = 0; n < persons; n++) cards.push(await platform.jlis('cards', {}));
    const lost = await platform.jlis('cards', {});
    await platform.jlis(`cards/${lost.cardId}/revoke`, { reason: 'keyCompromise' });
    await platform.jlis('crl/publish', {});
    platform.sandbox.cloud.runSchedules();
    await platform.sandbox.cloud.settled();
    await link(platform, cards);
    let before = await look(platform, cards, lost);
    // A warm function keeps its list for some seconds.
    while (before.checked.revoked === 0) before = await look(platform, cards, lost);
    tell(`before: ${describe(before)}`);

    const { cloud } = platform.sandbox;
    const environment = serviceEnvironment(cloud);
    const tables = tablesOf(folder, cloud);
    const copied: Record<string, number> = {};
    const replaced: string[] = [];
    for (const name of names) {
      const table = environment[`${name.toUpperCase()}_TABLE`]!;
      const { items } = await copyTable(tables, table, `${name.toLowerCase()}-restored`);
      copied[name] = items;
      replaced.push(table);
      tell(`restored ${name}: ${items} items`);
    }
    for (const table of replaced) await emptyTable(tables, table);
    tell('emptied the tables of before');
    tables.destroy();
    await platform.sandbox.close();

    const restoredTables = names.map((name) => `${name}=${name.toLowerCase()}-restored`).join();
    tell(`deploying with -c restoredTables=${restoredTables}`);
    platform = await startPlatform(folder, { restoredTables });
    const after = await look(platform, cards, lost);
    tell(`after:  ${describe(after)}`);
    const again = tablesOf(folder, platform.sandbox.cloud);
    let leftBehind = 0;
    for (const table of replaced) leftBehind += await emptyTable(again, table);
    again.destroy();
    return { before, after, copied, leftBehind };
  } finally {
    await platform?.sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The tables past IAM, as whoever restores them: DynamoDB Local keeps them under its own access key. */
function tablesOf(folder: string, { tablesPort }: Cloud): DynamoDBClient {
  const accessKeyId = readFileSync(join(folder, 'dynamodb', 'access-key'), 'utf8').trim();
  return new DynamoDBClient({
    endpoint: `http://127.0.0.1:${tablesPort}`,
    region: 'ap-northeast-1',
    credentials: { accessKeyId, secretAccessKey: 'unread' },
  });
}

async function link(platform: PlatformUnderTest, cards: readonly CardView[]): Promise<void> {
  const token = await takeToken(platform, platform.client);
  for (const [n, card] of cards.entries()) {
    const json = { ppid: await logIn(platform, token, card), userNumber: `U-${n}` };
    const { status } = await platform.call('POST', '/v1/links', { token, json });
    if (status !== 200) throw new Error(`the link answers ${status}`);
  }
}

async function logIn(platform: PlatformUnderTest, token: string, card: CardView): Promise<string> {
  const json = await signedChallenge(platform, token, card);
  const { status, body } = await platform.call('POST', '/v1/authentications', { token, json });
  if (status !== 201 && status !== 200)
    throw new Error(`the login answers ${status} ${String(body['code'])}`);
  return String(body['ppid']);
}

async function look(
  platform: PlatformUnderTest,
  cards: readonly CardView[],
  lost: CardView,
): Promise<Seen> {
  const token = await takeToken(platform, platform.client);
  const ppids: string[] = [];
  const userNumbers: string[] = [];
  for (const card of cards) {
    const ppid = await logIn(platform, token, card);
    const found = await platform.call('POST', '/v1/links/lookup', { token, json: { ppid } });
    ppids.push(ppid);
    userNumbers.push(String(found.body['userNumber']));
  }
  const listed = await platform.call('GET', '/v1/revocations/sources', { token });
  const sources = listed.body['sources'] as Record<string, unknown>[];
  const { issuer, serial } = lost['user-authentication'];
  const good = cards[0]!['user-authentication'].serial;
  const checked = await platform.call('POST', '/v1/revocations/check', {
    token,
    json: { issuer, serials: [serial, good], serialFormat: 'hex' },
  });
  const counts = checked.body['counts'] as Record<string, number>;
  return {
    ppids,
    userNumbers,
    lists: sources
      .filter(({ state }) => state === 'current')
      .map(({ sourceId }) => String(sourceId))
      .sort(),
    checked: { revoked: counts['revoked']!, good: counts['good']! },
  };
}

const describe = ({ ppids, userNumbers, lists, checked }: Seen): string =>
  `${ppids.length} PPIDs (${ppids[0]!.slice(0, 6)}…), user numbers ${userNumbers.join(' ')}, ` +
  `${lists.length} lists, ${checked.revoked} revoked and ${checked.good} good`;
