import { run } from './command.ts';

/** As a shell reports SIGPIPE. */
const exitPipe = 141;

// Whoever reads may stop reading, as head does: then nobody waits for the rest.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitPipe);
});

process.exitCode = await run(process.argv.slice(2));
