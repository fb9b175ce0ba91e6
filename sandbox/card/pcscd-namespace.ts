/**
 * Runs in its own network namespace (`unshare --net`) and starts `pcscd` there. The virtual
 * reader's driver listens on every interface; in the namespace only loopback exists, so that
 * neither other users nor the network can reach it. Cards outside connect through Unix sockets, one
 * per slot.
 *
 *   node pcscd-namespace.ts FOLDER PORT FOLDER/config, FOLDER/slot-0, FOLDER/slot-1
 */
import { execFileSync, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';

const [folder, port] = [process.argv[2]!, Number(process.argv[3])];

execFileSync('ip', ['link', 'set', 'lo', 'up']);
const daemon = spawn('/usr/sbin/pcscd', ['--foreground', '--config', join(folder, 'config')], {
  stdio: 'ignore',
});
daemon.on('exit', () => process.exit(0));
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => daemon.kill('SIGTERM'));
}
// The parent process holds the standard input: when it ends, this process ends.
process.stdin.on('end', () => daemon.kill('SIGTERM')).resume();

for (const slot of [0, 1]) relay(join(folder, `slot-${slot}`), port + slot);

/**
 * pcscd polls for cards every 400 ms. A slot must stay empty for longer, or pcscd would miss the
 * removal, and a card that failed meanwhile would remain marked as mute.
 */
const emptyMs = 600;

/** Connects card and driver while there is a card; otherwise retries shortly. */
function relay(path: string, driverPort: number): void {
  const again = (ms: number): void => void setTimeout(() => relay(path, driverPort), ms);
  const card = connect(path);
  card.once('error', () => {
    card.destroy();
    again(40);
  });
  card.once('connect', () => {
    card.removeAllListeners('error');
    const driver = connect({ port: driverPort, host: '127.0.0.1', noDelay: true });
    driver.pipe(card, { end: false });
    card.on('data', (data) => driver.write(data)).on('error', () => card.destroy());
    // The driver accepts one connection at a time and notices its end at the next poll, twice a
    // second: reconnect only then, so that no second connection waits behind a closed one.
    card.on('close', () => {
      driver.resume().end();
      setTimeout(() => driver.destroy(), 5000).unref();
    });
    driver
      .on('error', () => driver.destroy())
      .on('close', () => {
        card.destroy();
        again(emptyMs);
      });
  });
}
