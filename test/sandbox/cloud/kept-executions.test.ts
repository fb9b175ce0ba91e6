import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Executions } from '../../../sandbox/cloud/step-functions/executions.ts';

const region = 'arn:aws:states:ap-northeast-1:000000000000';
const machine = `${region}:stateMachine:jobs`;
const work = 'arn:aws:lambda:ap-northeast-1:000000000000:function:work';
const definitionOf = (Resource: string) => ({
  StartAt: 'Work',
  // Ends the engine's own timer soon after a test that leaves a task unanswered.
  States: { Work: { Type: 'Task', Resource, TimeoutSeconds: 5, End: true } },
});

let folder: string;
const folders: string[] = [];
let now = Date.UTC(2026, 10, 27);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'my-key-executions-'));
  folders.push(folder);
});
afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true });
});

/** The executions of one start of the sandbox; its one function answers by `answer`. */
const open = (
  answer: (event: string) => Promise<string>,
  machines = [machine],
  fn = work,
  log: string[] = [],
) =>
  new Executions({
    definitions: new Map(
      machines.map((arn) => [arn, { definition: definitionOf(fn) as never, roleArn: '' }]),
    ),
    rightsOf: () => () => {},
    functions: new Map([[fn, { invoke: answer, settings: { version: '1' } } as never]]),
    store: undefined as never,
    folder,
    now: () => now,
    log: (line) => log.push(line),
  });
const never = () => new Promise<string>(() => {});
const ended = async (executions: Executions, arn: string) => {
  while (executions.find(arn)?.status === 'RUNNING') await turn();
  return executions.find(arn);
};

describe('executions that are kept', () => {
  it('go on after a restart, with their input and their name', async () => {
    const before = open(never);
    const { executionArn } = before.start(machine, '{"jobId":"a"}', 'job-a');
    before.close();
    // Its run ends here, and must not be kept as ended.
    for (let turns = 0; turns < 20; turns++) await turn();
    const events: string[] = [];
    const after = open(async (event) => {
      events.push(event);
      return '"done"';
    });
    expect(after.find(executionArn)).toMatchObject({ status: 'RUNNING', input: '{"jobId":"a"}' });
    after.resume();
    expect(await ended(after, executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      output: '"done"',
    });
    expect(events).toEqual(['{"jobId":"a"}']);
    expect(open(never).find(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('that were stopped, or have ended, do not', async () => {
    const before = open(async () => '1');
    const stopped = before.start(machine, '{}', 'stopped').executionArn;
    before.stop(stopped);
    const done = before.start(machine, '{}', 'done').executionArn;
    await ended(before, done);
    await turn();
    const after = open(() => Promise.reject(new Error('run again')));
    after.resume();
    await turn();
    expect([after.find(stopped)?.status, after.find(done)?.status]).toEqual([
      'ABORTED',
      'SUCCEEDED',
    ]);
  });

  it('go on with the code of another assembly, and say so', async () => {
    const before = open(never, [machine], `${work}:7`);
    const { executionArn } = before.start(machine, '{}', 'job-b');
    before.close();
    const log: string[] = [];
    const after = open(async () => '"done"', [machine], `${work}:8`, log);
    after.resume();
    expect(await ended(after, executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(log.join('')).toBe(
      `job-b: resumed after a restart\njob-b: began on ${work}:7, which is not here: goes on with the code of this assembly\n`,
    );
  });

  it('say nothing of code where the assembly is the same', () => {
    const before = open(never, [machine], `${work}:7`);
    before.start(machine, '{}', 'job-c');
    before.close();
    const log: string[] = [];
    const after = open(never, [machine], `${work}:7`, log);
    after.resume();
    after.close();
    expect(log.join('')).toBe('job-c: resumed after a restart\n');
  });

  it('fail where their state machine is gone', () => {
    const before = open(never);
    const { executionArn } = before.start(machine, '{}');
    before.close();
    const after = open(never, []);
    after.resume();
    expect(after.find(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  it('are forgotten after 90 days, as are writes that were cut off', async () => {
    const before = open(async () => '1');
    await ended(before, before.start(machine, '{}', 'old').executionArn);
    await turn();
    writeFileSync(join(folder, 'half.json.new'), '{"exec');
    now += 90 * 24 * 3_600_000;
    open(never);
    expect(readdirSync(folder)).toEqual([]);
  });
});
