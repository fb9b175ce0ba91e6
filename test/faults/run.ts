import { parseArgs } from 'node:util';
import { clockFaults } from './faults/clock.ts';
import { correctionFaults } from './faults/corrections.ts';
import { machineFaults } from './faults/machine.ts';
import { serviceFaults } from './faults/services.ts';
import { tableFaults } from './faults/tables.ts';
import { loginRaces } from './races/logins.ts';
import { publishRaces } from './races/publishes.ts';
import { ReferenceModel } from './reference-model.ts';
import { SandboxProcess } from './sandbox-process.ts';
import { NotPossibleHere, type Outcome, type Scenario } from './scenario.ts';
import { Stage } from './stage.ts';

const usage = `npm run faults -- [--list] [--only NAME]…

Starts the real sandbox in a process of its own, breaks what it stands on, one thing after the other,
while people log in, and runs races. Every answer is judged by a reference model. Ends with 1 where an
answer was wrong, something is there twice, or an answer or a thing that was acknowledged is lost.

  --list        what there is
  --only NAME   only this one; may be given more than once
`;

const scenarios: readonly Scenario[] = [
  ...loginRaces,
  ...publishRaces,
  ...serviceFaults,
  ...tableFaults,
  ...correctionFaults,
  ...clockFaults,
  ...machineFaults,
];

const columns = ['', 'answers', 'for now', 'wrong', 'doubled', 'lost', 'recovery', 'took', ''];

interface Row {
  readonly scenario: Scenario;
  readonly model: ReferenceModel;
  readonly seconds: number;
  readonly outcome?: Outcome;
  readonly notRun?: string;
}

async function main(): Promise<number> {
  const chosen = choose();
  if (typeof chosen === 'number') return chosen;
  const sandbox = await SandboxProcess.open();
  const rows: Row[] = [];
  try {
    const stage = new Stage(sandbox);
    await stage.prepare();
    say(`the sandbox runs at ${sandbox.known.apiUrl}; ${chosen.length} to run`);
    for (const scenario of chosen) {
      stage.model = stage.model.next();
      say(`${scenario.name}: ${scenario.about}`);
      const row = await runOne(scenario, stage);
      rows.push(row);
      say(`  ${lineOf(row).slice(1).join('  ')}`);
      for (const complaint of row.model.complaints) say(`  ${complaint}`);
    }
  } finally {
    const keep = rows.some(({ model }) => model.complaints.length > 0);
    await sandbox.close(keep);
    if (keep) say(`the logs of the functions are in ${sandbox.dataDir}/logs`);
  }
  return report(rows);
}

async function runOne(scenario: Scenario, stage: Stage): Promise<Row> {
  const began = performance.now();
  const { model } = stage;
  const end = () => ({ scenario, model, seconds: (performance.now() - began) / 1000 });
  try {
    const outcome = await scenario.run(stage);
    await stage.audit();
    return { ...end(), outcome };
  } catch (cause) {
    if (cause instanceof NotPossibleHere) return { ...end(), notRun: cause.message };
    model.complain('lost', `${scenario.name} broke off: ${(cause as Error).stack}`);
    return end();
  }
}

function choose(): readonly Scenario[] | number {
  try {
    const { values } = parseArgs({
      options: {
        list: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(usage);
      return 0;
    }
    if (values.list) {
      for (const { name, kind, about } of scenarios)
        console.log(`${kind.padEnd(6)} ${name.padEnd(28)} ${about}`);
      return 0;
    }
    const unknown = values.only.find((name) => !scenarios.some((each) => each.name === name));
    if (unknown !== undefined) throw new RangeError(`there is no ${unknown}: see --list`);
    return values.only.length === 0
      ? scenarios
      : scenarios.filter(({ name }) => values.only.includes(name));
  } catch (error) {
    process.stderr.write(`faults: ${(error as Error).message}\n\n${usage}`);
    return 64;
  }
}

function lineOf({ scenario, model, seconds, outcome, notRun }: Row): string[] {
  const { answers, refusals, wrong, doubled, lost } = model.counts;
  const { recoverySeconds, note } = outcome ?? {};
  const counts = [answers, refusals, wrong, doubled, lost].map(String);
  return [
    scenario.name,
    ...(notRun === undefined ? counts : counts.map(() => '-')),
    recoverySeconds === undefined ? '-' : `${recoverySeconds.toFixed(1)} s`,
    `${seconds.toFixed(0)} s`,
    notRun === undefined ? (note ?? '') : `not run: ${notRun}`,
  ];
}

function report(rows: readonly Row[]): number {
  const table = [columns, ...rows.map(lineOf)];
  const widths = columns.map((_, at) => Math.max(...table.map((line) => line[at]!.length)));
  console.log();
  for (const line of table)
    console.log(
      line
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    );
  console.log();
  for (const { scenario, model } of rows) {
    const codes = [...model.refusalCodes].map(([code, count]) => `${count} × ${code}`);
    if (codes.length > 0) console.log(`${scenario.name}, refused for now: ${codes.join(', ')}`);
  }
  const sum = (what: 'wrong' | 'doubled' | 'lost') =>
    rows.reduce((total, { model }) => total + model.counts[what], 0);
  const notRun = rows.filter((row) => row.notRun !== undefined).length;
  const [wrong, doubled, lost] = [sum('wrong'), sum('doubled'), sum('lost')];
  console.log(
    `${rows.length - notRun} run, ${notRun} not run: ${wrong} wrong, ${doubled} doubled, ${lost} lost`,
  );
  return wrong + doubled + lost === 0 ? 0 : 1;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exit(await main());
