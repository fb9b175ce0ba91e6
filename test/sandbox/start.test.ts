import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';

describe('npm start', () => {
  it('ends with the npm that started it', async () => {
    const sandbox = `"${process.execPath}" sandbox/start.ts --port 0 --jlis-port 0`;
    const shell = spawn('sh', ['-c', `${sandbox} & wait`], {
      env: { ...process.env, npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    for await (const chunk of shell.stdout) {
      output += String(chunk);
      if (output.endsWith('Starting the sandbox …\n')) shell.kill();
    }
    // The pipe closed, so the sandbox is gone too.
    expect(output).toMatch(/Stopping …\n$/);
  }, 60_000);
});
