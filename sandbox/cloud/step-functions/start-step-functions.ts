import { randomUUID } from 'node:crypto';
import { jsonRefusal, signerOf } from '../iam/guard.ts';
import type { Iam } from '../iam/iam.ts';
import { serveLoopback } from '../serve-loopback.ts';
import { type Templates, textOf } from '../template/evaluate.ts';
import { stateBytes } from './data-limit.ts';
import {
  type Execution,
  Executions,
  type ExecutionsDependencies,
  type MachineDefinition,
} from './executions.ts';
import type { Definition } from './states-language.ts';

export interface StepFunctions {
  readonly endpoint: string;
  readonly executions: Executions;
  close(): Promise<void>;
}

type Input = Readonly<Record<string, string | undefined>>;

class SfnError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** Serves the assembly's state machines over Step Functions' JSON 1.0 protocol. */
export async function startStepFunctions(
  dependencies: Omit<ExecutionsDependencies, 'definitions'>,
  templates: () => Templates,
  iam: Iam,
): Promise<StepFunctions> {
  let definitions: ReadonlyMap<string, MachineDefinition> | undefined;
  const executions = new Executions({
    ...dependencies,
    get definitions() {
      return (definitions ??= readDefinitions(templates()));
    },
  });
  const server = await serveLoopback(async (request, body) => {
    const target = String(request.headers['x-amz-target']).replace(/^AWSStepFunctions\./, '');
    const content = await body(1_100_000);
    const { status, answer } = attempt(() => {
      const signer = signerOf(iam, 'states', request, content);
      const input = JSON.parse(content.toString() || '{}') as Input;
      const resource = input['executionArn'] ?? input['stateMachineArn'] ?? '*';
      iam.authorize(signer, { action: `states:${target}`, resource });
      return answerTo(executions, target, input);
    });
    return {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() },
      body: JSON.stringify(answer),
    };
  });
  return {
    endpoint: server.url,
    executions,
    close() {
      executions.close();
      return server.close();
    },
  };
}

function attempt(answer: () => object) {
  try {
    return { status: 200, answer: answer() };
  } catch (cause) {
    const refusal =
      cause instanceof SfnError ? { type: cause.type, message: cause.message } : jsonRefusal(cause);
    if (refusal === undefined) throw cause;
    return { status: 400, answer: { __type: refusal.type, message: refusal.message } };
  }
}

function answerTo(executions: Executions, target: string, input: Input): object {
  const found = (): Execution => {
    const execution = executions.find(input['executionArn'] ?? '');
    if (execution !== undefined) return execution;
    throw new SfnError(
      'ExecutionDoesNotExist',
      `Execution does not exist: ${input['executionArn']}`,
    );
  };
  switch (target) {
    case 'StartExecution':
      return started(executions, input);
    case 'DescribeExecution':
      return described(found());
    case 'StopExecution': {
      const execution = found();
      executions.stop(execution.executionArn, input['error'], input['cause']);
      return { stopDate: (execution.stopDate ?? execution.startDate) / 1000 };
    }
    case 'ListExecutions':
      return { executions: executions.list(input['stateMachineArn'] ?? '').map(described) };
    default:
      throw new SfnError('UnknownOperationException', target);
  }
}

function started(executions: Executions, input: Input): object {
  const { stateMachineArn = '', name, input: text = '{}' } = input;
  if (!executions.has(stateMachineArn))
    throw new SfnError(
      'StateMachineDoesNotExist',
      `State Machine Does Not Exist: ${stateMachineArn}`,
    );
  if (name !== undefined && !/^[\w-]{1,80}$/.test(name))
    throw new SfnError('InvalidName', `Invalid Name: ${name}`);
  if (Buffer.byteLength(text) > stateBytes)
    throw new SfnError(
      'ValidationException',
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${stateBytes}`,
    );
  if (!isJson(text)) throw new SfnError('InvalidExecutionInput', 'The input is not JSON');
  const same =
    name === undefined
      ? undefined
      : executions.find(executions.executionArn(stateMachineArn, name));
  // Starting again with the same name and input while it runs is the same start (idempotent).
  if (same !== undefined && !(same.status === 'RUNNING' && same.input === text))
    throw new SfnError('ExecutionAlreadyExists', `Execution Already Exists: ${same.executionArn}`);
  const { executionArn, startDate } = same ?? executions.start(stateMachineArn, text, name);
  return { executionArn, startDate: startDate / 1000 };
}

const described = ({ startDate, stopDate, ...execution }: Execution): object => ({
  ...execution,
  functions: undefined,
  startDate: startDate / 1000,
  ...(stopDate === undefined ? {} : { stopDate: stopDate / 1000 }),
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readDefinitions(templates: Templates): ReadonlyMap<string, MachineDefinition> {
  const definitions = new Map<string, MachineDefinition>();
  for (const { identity, properties } of templates.resources('AWS::StepFunctions::StateMachine')) {
    const text = textOf(properties['DefinitionString'], JSON.stringify(properties['Definition']));
    const substitutions = (properties['DefinitionSubstitutions'] ?? {}) as Record<string, unknown>;
    const filled = text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) =>
      name in substitutions ? String(substitutions[name]) : whole,
    );
    const definition = JSON.parse(filled) as Definition;
    definitions.set(identity.ref, { definition, roleArn: textOf(properties['RoleArn']) });
  }
  return definitions;
}
