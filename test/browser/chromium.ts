import { existsSync } from 'node:fs';
import { it } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';

const executablePath = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

/** Whether this machine has a browser. */
export const isThere = executablePath !== undefined;

/** A test that needs a browser: counted as skipped where there is none (`CHROMIUM` names another). */
export const inBrowser: typeof it.skip = isThere ? it : it.skip;

/** A browser that asks nobody on its own account. */
export const openBrowser = (more: readonly string[] = []): Promise<Browser> =>
  chromium.launch({
    executablePath: executablePath!,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      ...more,
    ],
  });
