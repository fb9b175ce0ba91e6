import { run } from '../cli/reader.ts';

/** The single executable that `npm run pack:reader` builds: `mykey reader` and nothing else. */
void run(process.argv.slice(2), 'mykey-reader').then((code) => {
  process.exitCode = code;
});
