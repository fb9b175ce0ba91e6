import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Connected card readers in the kernel's USB device list, whether or not PC/SC knows them. Linux
 * only: on Windows the Device Manager shows devices without a driver.
 */
export function pluggedInReaders(folder = '/sys/bus/usb/devices'): readonly string[] {
  let entries: readonly string[];
  try {
    entries = readdirSync(folder);
  } catch {
    return [];
  }
  const found = entries
    .filter((entry) => entry.includes(':') && isReaderInterface(join(folder, entry)))
    .map((entry) => entry.split(':')[0]!);
  const known = entries.filter((entry) => isKnownReader(join(folder, entry)));
  return [...new Set([...found, ...known])].map((device) => nameOf(join(folder, device)));
}

/** USB class 0Bh: smart card (CCID). */
const isReaderInterface = (folder: string): boolean => text(folder, 'bInterfaceClass') === '0b';

/** Sony readers with a proprietary protocol, sold for My Number Cards, without CCID. */
const knownWithoutCcid: readonly string[] = ['054c:02e1', '054c:06c1', '054c:06c3'];

const isKnownReader = (folder: string): boolean =>
  knownWithoutCcid.includes(`${text(folder, 'idVendor')}:${text(folder, 'idProduct')}`);

const nameOf = (folder: string): string =>
  [text(folder, 'manufacturer'), text(folder, 'product')].filter(Boolean).join(' ') ||
  `${text(folder, 'idVendor')}:${text(folder, 'idProduct')}`;

function text(folder: string, file: string): string {
  try {
    return readFileSync(join(folder, file), 'utf8').trim();
  } catch {
    return '';
  }
}
