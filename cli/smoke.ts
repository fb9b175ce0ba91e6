import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { clientOptions, identityFrom } from './client-options.ts';
import { derOf } from './named-bytes.ts';
import { CommandFailure, exitCodes, runCommand } from './run-command.ts';
import { stepNames, steps } from './smoke/steps.ts';
import { StepNotRun, type SmokeTarget } from './smoke/smoke-target.ts';

export const name = 'smoke';
export const summary = 'run the main job once against a deployment and report each step';

const usage = `
Usage: npx mykey smoke --key FILE [--url URL] [options]
配備した環境で主要な処理を一通り実行し、段階ごとに結果を示します。

  --key FILE          the operator's private key (or a service's): JWK, or PEM
  --alg ALG           algorithm of an RSA key whose file does not name one: PS256 or RS256
  --client ID         client id (default: the key file's client_id)
  --url URL           the platform (default http://localhost:8080)
  --certificate FILE  a card's certificate, which must be valid
                      (default: one made here, which must be refused)
  --alarm NAME        set this CloudWatch alarm by the AWS CLI: its mail must arrive
  --only A,B          only these steps
  --json              one JSON object a line

Steps: ${stepNames.join(', ')}.
It registers nothing and reads no card. Its jobs are deleted again; the quota step keeps the
client's allowance of jobs taken for some seconds.
Exit code: 0 nothing failed, 1 a step failed, 64 wrong usage, 66 a file cannot be read.
A step that could not run (no list loaded, a scope missing, no --alarm) is counted as not run.
`;

export function run(argv: string[]): Promise<number> {
  return runCommand(name, usage, argv, async () => {
    const { values } = parseArgs({
      args: argv,
      options: {
        ...clientOptions,
        alg: { type: 'string' },
        certificate: { type: 'string' },
        alarm: { type: 'string' },
        only: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const target: SmokeTarget = {
      url: values.url.replace(/\/$/, ''),
      identity: await identityFrom(values),
      certificate: await certificateIn(values.certificate),
      alarm: values.alarm,
    };
    const chosen = chosenSteps(values.only);
    const tally = { passed: 0, failed: 0, notRun: 0 };
    for (const step of chosen) {
      const report = await outcomeOf(step, target);
      tally[report.outcome === 'not run' ? 'notRun' : report.outcome] += 1;
      console.log(
        values.json ? JSON.stringify({ step: step.name, ...report }) : line(step, report),
      );
    }
    const { passed, failed, notRun } = tally;
    console.log(
      values.json
        ? JSON.stringify(tally)
        : `\n${passed} passed, ${failed} failed, ${notRun} not run (成功 ${passed}・失敗 ${failed}・未実施 ${notRun})`,
    );
    return failed === 0 ? exitCodes.ok : exitCodes.failed;
  });
}

type Step = (typeof steps)[number];

interface StepReport {
  readonly outcome: 'passed' | 'failed' | 'not run';
  readonly evidence: string;
  readonly ms: number;
}

async function outcomeOf(step: Step, target: SmokeTarget): Promise<StepReport> {
  const begun = performance.now();
  const ended = (outcome: StepReport['outcome'], evidence: string): StepReport => ({
    outcome,
    evidence,
    ms: Math.round(performance.now() - begun),
  });
  try {
    return ended('passed', await step.run(target));
  } catch (error) {
    return ended(error instanceof StepNotRun ? 'not run' : 'failed', (error as Error).message);
  }
}

const marks = { passed: '✔', failed: '✘', 'not run': '–' } as const;

const line = ({ name: step, ja }: Step, { outcome, evidence, ms }: StepReport): string =>
  `${marks[outcome]} ${step.padEnd(10)} ${`${(ms / 1000).toFixed(1)} s`.padStart(7)}  ${outcome === 'passed' ? '' : `${outcome}: `}${evidence}  (${ja})`;

function chosenSteps(only: string | undefined): readonly Step[] {
  if (only === undefined) return steps;
  return only.split(',').map((wanted) => {
    const step = steps.find(({ name: each }) => each === wanted.trim());
    if (step !== undefined) return step;
    throw new CommandFailure(
      `--only ${wanted} is no step: ${stepNames.join(', ')}`,
      exitCodes.usage,
    );
  });
}

async function certificateIn(path: string | undefined): Promise<Uint8Array | undefined> {
  if (path === undefined) return undefined;
  return derOf(await readFile(path), path, 'certificate')[0]!.bytes;
}
