import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StepNotRun, type SmokeTarget } from './smoke-target.ts';

const setState = (name: string): readonly string[] => [
  'cloudwatch',
  'set-alarm-state',
  '--alarm-name',
  name,
  '--state-value',
  'ALARM',
  '--state-reason',
  'mykey smoke: this is a test',
];

/**
 * CloudWatch sets the alarm back by its next reading. Whether the mail arrived, only its reader knows;
 * that the topic and its key let CloudWatch publish is what the templates' tests hold.
 */
export async function alarm({ alarm: name }: SmokeTarget): Promise<string> {
  if (name === undefined)
    throw new StepNotRun('--alarm NAME names one; a sandbox has no CloudWatch');
  try {
    await promisify(execFile)('aws', setState(name));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new StepNotRun(`the AWS CLI is not installed: aws ${setState(name).join(' ')}`);
  }
  return `${name} is set to ALARM: its mail must arrive within a minute`;
}
