import { SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { MyKeyError } from '../../../errors.ts';
import type { JobRunner } from '../../../capabilities/jobs/ports.ts';
import { requestLimits } from '../request-limits.ts';

export const stepFunctionsClient = (): SFNClient =>
  new SFNClient({
    maxAttempts: 3,
    // Three tries fit into the 15 s timeout of the function that starts and stops jobs.
    requestHandler: requestLimits(4_000),
  });

/**
 * The execution has the job's name, which Step Functions accepts once in 90 days: starting it again
 * while it runs returns the same execution, after it ended `ExecutionAlreadyExists`.
 */
export function stepFunctionsJobRunner(client: SFNClient, stateMachineArn: string): JobRunner {
  return {
    async start(jobId) {
      const input = JSON.stringify({ jobId });
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name: jobId, input }));
      } catch (cause) {
        if (!named(cause, 'ExecutionAlreadyExists')) throw unavailable(cause);
      }
    },
    async stop(jobId) {
      // arn:…:stateMachine:NAME → arn:…:execution:NAME:JOB
      const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${jobId}`;
      try {
        await client.send(new StopExecutionCommand({ executionArn, cause: 'cancelled' }));
      } catch (cause) {
        if (!named(cause, 'ExecutionDoesNotExist')) throw unavailable(cause);
      }
    },
  };
}

const named = (error: unknown, name: string): boolean => (error as Error).name === name;

const unavailable = (cause: unknown): MyKeyError =>
  new MyKeyError('dependency-unavailable', 'the state machine does not answer', { cause });
