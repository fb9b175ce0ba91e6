import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes, verify, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { lookAtCard, readCard } from '../../reader/core/read-card.ts';
import { ReaderError } from '../../reader/core/reader-error.ts';
import { openNativePcsc } from '../../reader/pcsc/native-pcsc.ts';
import { PcscReaders } from '../../reader/pcsc/pcsc-readers.ts';
import { pcscdLacks, slotNames, startPcscd, type PcscdSandbox } from '../../sandbox/card/pcscd.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { newCard, openIssuer, type IssuedCard, type Issuer } from './support/cards.ts';
import { startLocalPlatform } from './support/local-platform.ts';
import { withoutWatch } from './support/watch-apdus.ts';

const lacking = pcscdLacks();
if (lacking) console.warn(`tests through pcscd are skipped: this machine lacks ${lacking}`);
const describeWithPcscd = lacking ? describe.skip : describe;
const itWith = (program: string) => (existsSync(`/usr/bin/${program}`) ? it : it.skip);

const challenge = Buffer.from('a challenge of this platform');
const withPin = { challenge, credentials: { userAuthenticationPin: '1234' }, roots: [] } as const;
const hold = { chipChallenge: challenge, credentials: {}, roots: [] } as const;

const codeOf = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'no error',
    (error: unknown) => {
      expect(error).toBeInstanceOf(ReaderError);
      return (error as ReaderError).code;
    },
  );

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

const run = (program: string, ...argv: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(program, argv, { timeout: 30_000 }, (error, out, err) => {
      if (error) reject(new Error(`${program}: ${err}`, { cause: error }));
      else resolve(out);
    });
  });

/** Which of the two, the virtual reader's driver decides by when it looks. */
const lost = ['card-removed', 'card-unresponsive'];

const mykey = (...argv: string[]): Promise<string> =>
  run(process.execPath, 'cli/mykey.mjs', 'reader', ...argv);

/** The daemon looks for cards twice a second. */
const noticedMs = 800;

describeWithPcscd('through pcscd and a virtual reader', () => {
  let sandbox: PcscdSandbox;
  let issuer: Issuer;
  let tanaka: IssuedCard;
  let readers: PcscReaders;
  let card: VirtualCard;

  beforeAll(async () => {
    issuer = await openIssuer();
    tanaka = await newCard(issuer, {
      person: { birthDate: '1980-11-21' },
      signatureCertificate: true,
    });
    sandbox = await startPcscd();
    readers = new PcscReaders(openNativePcsc());
  }, 150_000);

  afterAll(async () => {
    await readers?.close();
    await sandbox?.close();
  });

  /** Whether PC/SC shows what the test has done, soon. */
  async function shows(first: string, second = 'absent'): Promise<boolean> {
    for (let i = 0; i < 60; i++) {
      const sights = await readers.list();
      if (sights[0]?.card === first && sights[1]?.card === second) return true;
      await pause(50);
    }
    return false;
  }

  /**
   * Slots are empty for long enough that pcscd sees it: a card whose reset failed because it was gone
   * counts as mute until then.
   */
  async function lay(only: VirtualCard): Promise<void> {
    for (let attempt = 0; attempt < 4; attempt++) {
      for (const slot of sandbox.slots) await slot.remove();
      if (!(await shows('absent'))) throw new Error('PC/SC shows a card that is not there');
      await pause(noticedMs);
      await sandbox.slots[0].put(only);
      if (await shows('present')) return;
    }
    throw new Error('PC/SC does not show the card');
  }

  beforeEach(async () => {
    card = new VirtualCard(tanaka.contents);
    await lay(card);
  }, 40_000);

  it('a login with PIN, a hold and the four attributes are read', async () => {
    const port = await readers.waitForCard({ timeoutMs: 5000 });
    const reading = await readCard(port, {
      challenge,
      chipChallenge: challenge,
      enrolChip: true,
      attributes: true,
      credentials: {
        userAuthenticationPin: '1234',
        birthDate: '551121',
        inputAssistancePin: '1234',
      },
      roots: issuer.roots,
    });
    const { publicKey } = new X509Certificate(reading.certificate);
    expect(verify('sha256', challenge, publicKey, reading.signature!.value)).toBe(true);
    expect(reading.attributes!.birthDate).toBe('19801121');
    expect(reading.assurance).toEqual(['card-signature', 'chip-presence']);
  });

  it('the two slots of the device are told apart', async () => {
    expect(await readers.list()).toEqual([
      { name: slotNames[0], card: 'present' },
      { name: slotNames[1], card: 'absent' },
    ]);
    await sandbox.slots[1].put(new VirtualCard(tanaka.contents));
    expect(await shows('present', 'present')).toBe(true);
    expect(await codeOf(readers.waitForCard({ timeoutMs: 0 }))).toBe('cards-several');
    const chosen = await readers.waitForCard({ timeoutMs: 0, reader: slotNames[1] });
    expect((await lookAtCard(chosen)).medium).toBe('card');
  });

  it('a card that is put on while it is waited for is found', async () => {
    await sandbox.slots[0].remove();
    expect(await shows('absent')).toBe(true);
    expect(await codeOf(readers.waitForCard({ timeoutMs: 0 }))).toBe('card-absent');
    const waiting = readers.waitForCard({ timeoutMs: 10_000 });
    await pause(300);
    await sandbox.slots[0].put(card);
    await readCard(await waiting, hold);
  });

  it('a card that is removed in the middle of a file ends the reading', async () => {
    const slow = new VirtualCard(tanaka.contents, { commandMs: 150 });
    await lay(slow);
    const port = await readers.waitForCard({ timeoutMs: 5000 });
    const reading = codeOf(readCard(port, hold));
    await pause(1000);
    await sandbox.slots[0].remove();
    expect(lost).toContain(await reading);
  });

  it('a card that is pulled and put back within a second is another reading', async () => {
    const port = await readers.waitForCard({ timeoutMs: 5000 });
    const reading = port.exclusively(async ({ transmit }) => {
      await transmit(Buffer.from('00a4040c0ad392f000260100000001', 'hex'));
      await sandbox.slots[0].remove();
      await sandbox.slots[0].put(card);
      await pause(900);
      return transmit(Buffer.from('00a4020c02000a', 'hex'));
    });
    expect(lost).toContain(await codeOf(reading));
    await lay(card);
    await readCard(await readers.waitForCard({ timeoutMs: 5000 }), hold);
  });

  it('a card exchanged in the middle is no reading of either', async () => {
    const other = await newCard(issuer);
    const port = await readers.waitForCard({ timeoutMs: 5000 });
    const reading = port.exclusively(async ({ transmit }) => {
      await transmit(Buffer.from('00a4040c0ad392f000260100000001', 'hex'));
      await sandbox.slots[0].put(other.card);
      await pause(noticedMs);
      return transmit(Buffer.from('00a4020c02000a', 'hex'));
    });
    expect(lost).toContain(await codeOf(reading));
  });

  it('a service that is stopped and started is found again, every handle made anew', async () => {
    await readers.waitForCard({ timeoutMs: 5000 });
    await sandbox.stop();
    expect(await codeOf(readers.waitForCard({ timeoutMs: 0 }))).toBe('reader-service-stopped');
    const waiting = readers.waitForCard({ timeoutMs: 15_000 });
    await sandbox.start();
    const { medium } = await lookAtCard(await waiting);
    expect(medium).toBe('card');
  }, 40_000);

  it('a service that stops in the middle of a reading ends it by a technical name', async () => {
    const slow = new VirtualCard(tanaka.contents, { commandMs: 100 });
    await lay(slow);
    const reading = codeOf(readCard(await readers.waitForCard({ timeoutMs: 5000 }), hold));
    await pause(500);
    await sandbox.stop();
    try {
      const technical = ['reader-service-stopped', 'reader-gone', 'reader-failed', ...lost];
      expect(technical).toContain(await reading);
    } finally {
      await sandbox.start();
    }
  }, 40_000);

  it('another program works between two readings, and finds no PIN verified', async () => {
    await readCard(await readers.waitForCard({ timeoutMs: 5000 }), withPin);
    withoutWatch(card);
    const other = new PcscReaders(openNativePcsc());
    const answer = await (
      await other.waitForCard({ timeoutMs: 5000 })
    ).exclusively(async ({ transmit }) => {
      await transmit(Buffer.from('00a4040c0ad392f000260100000001', 'hex'));
      await transmit(Buffer.from('00a4020c020017', 'hex'));
      return transmit(Buffer.from('802a0080013000', 'hex'));
    });
    await other.close();
    expect(Buffer.from(answer).toString('hex')).toBe('6982');
  });

  it('two programs at once wait for each other', async () => {
    const other = new PcscReaders(openNativePcsc());
    const [first, second] = await Promise.all(
      [readers, other].map(async (one) =>
        readCard(await one.waitForCard({ timeoutMs: 5000 }), withPin),
      ),
    );
    await other.close();
    expect(first!.certificate).toEqual(second!.certificate);
  });

  describe('npx mykey reader', () => {
    it('lists readers and reads a card without any platform', async () => {
      expect(await mykey('list')).toBe(
        `present      ${slotNames[0]}\nabsent       ${slotNames[1]}\n`,
      );
      const told = await mykey('try', '--seconds', '5');
      expect(told).toContain('medium                   card\n');
      expect(told).toContain('tries, userAuthenticationPin 3\n');
      expect(told).toContain('answered a challenge');
      expect(told).not.toContain(Buffer.from(card.atr).toString('hex'));
    });

    it('is also one executable file, which needs no Node and no packages beside it', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'my-key-packed-'));
      try {
        const packed = (await run(process.execPath, 'bin/pack-reader.ts', folder)).trim();
        const alone = (...argv: string[]): Promise<string> =>
          new Promise((resolve, reject) => {
            const bare = { cwd: folder, env: { PATH: '', TMPDIR: folder }, timeout: 30_000 };
            execFile(packed, argv, bare, (error, out) => (error ? reject(error) : resolve(out)));
          });
        expect(await alone('--version')).toMatch(/^mykey-reader \d+\.\d+\.\d+, protocol \d+\n$/);
        expect(await alone('--help')).toContain('Usage: mykey-reader --platform URL');
        const told = await alone('try', '--seconds', '5');
        expect(told).toContain('medium                   card\n');
        expect(told).toContain('answered a challenge');
        // The binding was written for the loader only, and nothing is left of it.
        expect(readdirSync(folder)).toEqual([basename(packed), `${basename(packed)}-licences.txt`]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }, 60_000);

    it('is an agent that reads through PC/SC for a page', async () => {
      const platform = await startLocalPlatform();
      const folder = mkdtempSync(join(tmpdir(), 'my-key-agent-'));
      const page = 'https://counter.example';
      const agent = spawn(
        process.execPath,
        `cli/mykey.mjs reader --platform ${platform.url} --origin ${page} --pair --port 0`
          .split(' ')
          .concat('--pairings', join(folder, 'pairings.json')),
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      try {
        let said = '';
        for await (const chunk of agent.stdout as AsyncIterable<Buffer>) {
          said += chunk.toString();
          if (said.includes('pairing code')) break;
        }
        const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)![0];
        const post = async (path: string, body: unknown, token = ''): Promise<string> => {
          const headers = { origin: page, authorization: `Bearer ${token}` };
          const response = await fetch(`${url}${path}`, {
            method: 'POST',
            headers: { ...headers, 'content-type': 'application/json' },
            body: JSON.stringify(body),
          });
          return response.text();
        };
        const code = /code: (\d{8})/.exec(said)![1];
        const { token } = JSON.parse(await post('/v1/pairings', { code })) as { token: string };
        const ticket = 'a-ticket-of-the-test';
        const chipChallenge = challenge.toString('base64url');
        platform.tickets.set(ticket, { mode: 'hold', chipChallenge });
        const events = await post('/v1/readings', { ticket }, token);
        expect(events).toContain('"event":"finished"');
        expect(platform.results).toMatchObject([{ assurance: ['chip-presence'] }]);
      } finally {
        agent.kill('SIGTERM');
        await platform.close();
        rmSync(folder, { recursive: true });
      }
    });
  });

  describe('OpenSC, which knows the JPKI application by itself,', () => {
    beforeEach(() => {
      withoutWatch(card);
    });

    itWith('opensc-tool')('takes the virtual card for a JPKI card', async () => {
      expect(await run('opensc-tool', '--name', '--reader', slotNames[0])).toBe('jpki\n');
    });

    itWith('pkcs15-tool')('reads the certificate and the try counters', async () => {
      const pem = await run('pkcs15-tool', '--read-certificate', '1', '--reader', slotNames[0]);
      expect(new X509Certificate(pem).raw).toEqual(tanaka.contents.jpki.certificate);
      const pins = await run('pkcs15-tool', '--list-pins', '--reader', slotNames[0]);
      expect(pins.match(/Tries left +: \d/g)).toEqual(['Tries left     : 3', 'Tries left     : 5']);
    });

    itWith('pkcs15-crypt')('signs with the PIN', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'my-key-opensc-'));
      try {
        const message = randomBytes(40);
        const digest = createHash('sha256').update(message).digest();
        const prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex');
        const [input, output] = [join(folder, 'in'), join(folder, 'out')];
        writeFileSync(input, Buffer.concat([prefix, digest]));
        await run(
          'pkcs15-crypt',
          ...`--sign --pkcs1 --key 1 --pin 1234 --raw --input ${input} --output ${output}`.split(
            ' ',
          ),
          '--reader',
          slotNames[0],
        );
        const { publicKey } = new X509Certificate(tanaka.contents.jpki.certificate);
        expect(verify('sha256', message, publicKey, readFileSync(output))).toBe(true);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    itWith('pcsc_scan')('is joined by pcsc-tools, which see reader and card', async () => {
      const seen = await run('pcsc_scan', '-r').catch((error: Error) => error.message);
      expect(seen).toContain(slotNames[0]);
    });
  });
});
