/**
 * Runs inside a network namespace of its own (`unshare --net`), where it starts `pcscd`. The virtual
 * reader's driver listens on every interface, and here there is none but loopback: nobody else on the
 * machine or the network reaches it. Cards outside are reached through Unix sockets, one a slot.
 *
 *   node pcscd-namespace.ts FOLDER PORT     FOLDER/config, FOLDER/slot-0, FOLDER/slot-1
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
// Whoever started this holds its standard input: when that ends, so does this.
process.stdin.on('end', () => daemon.kill('SIGTERM')).resume();

for (const slot of [0, 1]) relay(join(folder, `slot-${slot}`), port + slot);

/**
 * pcscd looks for cards every 400 ms. A slot stays empty for longer than that, or pcscd would not see
 * the card go, and one that failed meanwhile would count as mute for ever.
 */
const emptyMs = 600;

/** Joins card and driver while there is a card; tries again in a moment otherwise. */
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
    // The driver takes one call at a time and notices its end when it next looks, twice a second: only
    // then is it called again, so that no second call waits behind a dead one.
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
