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
 * CloudWatch resets the alarm at its next evaluation. Only the recipient can tell whether the mail
 * arrived; the template tests verify that the topic and its key let CloudWatch publish.
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
