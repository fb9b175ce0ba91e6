/**
 * `npm run bench [-- NAME …]`: measures performance next to the alternative that a user would
 * choose.
 */
interface Benchmark {
  readonly run: (argv: string[]) => Promise<void>;
}

const benchmarks: Readonly<Record<string, { summary: string; load: () => Promise<Benchmark> }>> = {
  startup: {
    summary: 'start-up and size of every bundled function',
    load: () => import('./startup.ts'),
  },
  http: {
    summary: 'requests per second and latency through the gateway, beside a bare route',
    load: () => import('./http.ts'),
  },
  login: {
    summary:
      'a known person’s login with slow tables, and its rate beside the table requests alone',
    load: () => import('./login.ts'),
  },
  counter: {
    summary: 'a card held without a PIN, from tap to answer, beside the card’s own command times',
    load: () => import('./counter.ts'),
  },
  validate: {
    summary: 'one certificate, beside bare signatures, openssl verify and the JDK',
    load: () => import('./validate.ts'),
  },
  crl: {
    summary: 'lists of 1, 10 and 20 million entries, beside openssl crl',
    load: () => import('./crl.ts'),
  },
  'bulk-check': {
    summary: 'serials per second, beside one read per serial',
    load: () => import('./bulk-check.ts'),
  },
  events: {
    summary: 'a list with 100,000 new serials, from its ingestion to the last look-up',
    load: () => import('./events.ts'),
  },
  jobs: {
    summary: 'a job of 5 million rows, with a worker killed half-way',
    load: () => import('./jobs.ts'),
  },
};

/** The benchmarks that run if none is named: a few minutes; the others run by name. */
const byDefault = ['startup', 'http'];

const [name, ...argv] = process.argv.slice(2);
if (name === '--help' || (name !== undefined && !(name in benchmarks))) {
  if (name !== '--help') console.error(`no benchmark is named ${name}`);
  console.log('npm run bench [-- NAME [OPTIONS]]\n');
  for (const [each, { summary }] of Object.entries(benchmarks)) {
    console.log(`  ${each.padEnd(12)} ${summary}`);
  }
  console.log(`\nWithout a name: ${byDefault.join(', ')}.`);
  process.exit(name === '--help' ? 0 : 64);
}
for (const each of name === undefined ? byDefault : [name]) {
  const { run } = await benchmarks[each]!.load();
  await run(argv);
}
