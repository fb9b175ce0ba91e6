import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Credentials } from '../cloud/iam/principals.ts';
import { signedHeaders } from '../cloud/iam/sigv4.ts';
import { SandboxStartError } from '../cloud/sandbox-start-error.ts';
import { control } from '../jlis/control-client.ts';
import { findRunning } from '../running.ts';
import { startSandbox } from '../sandbox.ts';
import { DemoClock } from './demo-clock.ts';
import type { DemoPlatform } from './demo-platform.ts';
import { createNarrator } from './narrator.ts';
import { wantsColour } from './paint.ts';
import type { PlatformIdentity } from './platform-session.ts';
import { tellCounterStory } from './counter-story.ts';
import { tellStory } from './story.ts';

const usage = `Usage: npm run demo -- [counter] [options]

Plays the main job on the running sandbox or, where none runs, on one that it starts and stops.

  counter      the counter instead: pledge, pairing, cards with and without PIN, a library loan;
               on a sandbox of its own, through PC/SC where pcscd is installed
  --url URL    a running sandbox's API (default: http://localhost:8080, if it is up)
  --move-clock the running sandbox's clock is moved on by 15 days and stays there: the deletion
               is shown to its end, as it is on a sandbox of the demo's own
  --help       this text

使い方: 動いているサンドボックスで、なければ自分で起動・終了するサンドボックスで、主要な流れを演じます。
  counter      窓口の流れ: 誓約書、端末の登録、暗証番号ありとなしのカード、図書館の貸出
  --url URL    動いているサンドボックスの API
  --move-clock 動いているサンドボックスの時計を 15 日進めたままにし、削除を最後まで見せる
文はすべて英語と日本語で表示します。
`;

/** The sandbox that the demo uses, and how to release it. */
interface Stage {
  readonly url: string;
  readonly jlisUrl: string;
  readonly lambdaEndpoint: string;
  readonly aws: Credentials;
  readonly operator: { readonly clientId: string; readonly keyFile: string };
  readonly found: 'found running' | 'started for this demo';
  close(): Promise<void>;
}

const japanese: Readonly<Record<Stage['found'], string>> = {
  'found running': '起動中のものを使用',
  'started for this demo': 'このデモのために起動',
};

const narrator = createNarrator({
  write: (text) => process.stdout.write(text),
  colour: wantsColour(process.stdout, process.env),
  // A pipe has no width, and some terminals report none.
  width: Math.max(process.stdout.columns || 100, 60),
});

process.exitCode = await play();

/** 0: every check held; 1: a check failed or an error occurred; 64: wrong usage. */
async function play(): Promise<number> {
  let stage: Stage | undefined;
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        url: { type: 'string' },
        'move-clock': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(usage);
      return 0;
    }
    const [story, ...more] = positionals;
    if (more.length > 0 || (story !== undefined && story !== 'counter')) {
      process.stderr.write(`demo: there is no story "${positionals.join(' ')}"\n\n${usage}`);
      return 64;
    }
    if (story === 'counter') return await playCounter();
    stage = await findStage(values.url);
    const isOwn = stage.found === 'started for this demo';
    await tellStory(await demoPlatform(stage, isOwn || values['move-clock']));
    if (isOwn)
      narrator.end(
        'npm start keeps a sandbox up for exploring.',
        'npm start でサンドボックスを起動したままにできます。',
      );
    else {
      const list = `curl ${stage.jlisUrl}/control/`;
      narrator.end(
        `${list} lists what else J-LIS can do.`,
        `${list} で模擬 J-LIS のほかの操作を一覧できます。`,
      );
    }
    return 0;
  } catch (cause) {
    if ((cause as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true) {
      process.stderr.write(`demo: ${(cause as Error).message}\n\n${usage}`);
      return 64;
    }
    narrator.failed(cause);
    return 1;
  } finally {
    await stage?.close();
  }
}

async function playCounter(): Promise<number> {
  process.stdout.write('\n  Starting a sandbox …  サンドボックスを起動しています\n');
  const sandbox = await startSandbox({ port: 0, jlisPort: 0 });
  const interrupted = (): void => void sandbox.close().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    narrator.title('My Key Platform: the counter', 'マイキープラットフォーム: 窓口', {
      Platform: `${sandbox.apiUrl}  (started for this demo / このデモのために起動)`,
      Cards: 'virtual; no real card or reader was ever met / 仮想カード。実物では未検証',
    });
    await tellCounterStory(narrator, sandbox, await identityOf(sandbox.operator));
    narrator.end(
      'docs/counter.md says what staff see and what IT installs.',
      'docs/counter.ja.md に、職員に見える画面と導入の手順があります。',
    );
    return 0;
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await sandbox.close();
  }
}

async function findStage(url: string | undefined): Promise<Stage> {
  const running = await findRunning(url);
  if (running) {
    const { apiUrl, ...rest } = running;
    // If interrupted, the demo restarts the responder that it stopped.
    const leave = (): void => {
      void control(running.jlisUrl, 'services', { ocsp: 'running' }).finally(() =>
        process.exit(130),
      );
    };
    process.once('SIGINT', leave).once('SIGTERM', leave);
    const close = async (): Promise<void> => {
      process.off('SIGINT', leave).off('SIGTERM', leave);
    };
    return { ...rest, url: apiUrl, found: 'found running', close };
  }
  if (url !== undefined) {
    throw new SandboxStartError(`no sandbox of this project answers at ${url}: npm start`);
  }
  process.stdout.write('\n  No sandbox runs; starting one …  サンドボックスを起動しています\n');
  const giveUp = new AbortController();
  const interrupted = (): void => giveUp.abort();
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const sandbox = await startSandbox({ port: 0, jlisPort: 0, signal: giveUp.signal });
  const end = async (): Promise<void> => {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await sandbox.close();
  };
  const leave = (): void => {
    void end().finally(() => process.exit(130));
  };
  process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  process.once('SIGINT', leave).once('SIGTERM', leave);
  return {
    url: sandbox.apiUrl,
    jlisUrl: sandbox.jlis.url,
    lambdaEndpoint: sandbox.cloud.lambdaEndpoint,
    aws: sandbox.cloud.operator,
    operator: sandbox.operator,
    found: 'started for this demo',
    close: async () => {
      process.off('SIGINT', leave).off('SIGTERM', leave);
      await end();
    },
  };
}

async function demoPlatform(stage: Stage, mayMoveByDays: boolean): Promise<DemoPlatform> {
  const { time } = await control<{ time: string }>(stage.jlisUrl, 'clock');
  narrator.title(
    'My Key Platform: the main job, end to end',
    'マイキープラットフォーム: 登録から削除まで',
    {
      Platform: `${stage.url}  (${stage.found} / ${japanese[stage.found]})`,
      'J-LIS': `${stage.jlisUrl}  (simulated; its people do not exist / 模擬。人物は架空)`,
      Time: time,
    },
  );
  return {
    narrator,
    url: stage.url,
    jlisUrl: stage.jlisUrl,
    operator: await identityOf(stage.operator),
    ingest: () => ingest(stage),
    clock: new DemoClock(stage.jlisUrl, narrator),
    mayMoveByDays,
    skewSeconds: Math.round((Date.parse(time) - Date.now()) / 1000),
  };
}

async function identityOf({ clientId, keyFile }: Stage['operator']): Promise<PlatformIdentity> {
  const jwk = JSON.parse(readFileSync(keyFile, 'utf8')) as { kid: string };
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  return { clientId, keyId: jwk.kid, privateKey: key.toCryptoKey(algorithm, false, ['sign']) };
}

/** Invokes the deployed ingestion function, as EventBridge does every night. */
async function ingest({
  lambdaEndpoint,
  aws,
}: Pick<Stage, 'lambdaEndpoint' | 'aws'>): Promise<boolean> {
  const path = '/2015-03-31/functions/ingest-crl/invocations';
  const request = { method: 'POST', url: new URL(lambdaEndpoint + path), body: '{}' };
  const scope = { region: 'ap-northeast-1', service: 'lambda' };
  const headers = signedHeaders(request, aws, scope, Date.now());
  narrator.asked('platform', `POST ${path} (the nightly schedule's function)`);
  const response = await fetch(request.url, { ...request, headers });
  const answer = (await response.json()) as object;
  const loaded = response.ok && !Object.hasOwn(answer, 'errorType');
  narrator.answered(loaded ? 'done' : 'failed', answer);
  return loaded;
}
