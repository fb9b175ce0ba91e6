import type { Assembly, AssemblyStack, TemplateResource } from './assembly.ts';
import { type Identity, identify } from './identity.ts';

export interface Environment {
  readonly account: string;
  readonly region: string;
}

/** A resource of the assembly with every intrinsic function in its properties evaluated. */
export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly identity: Identity;
}

/** A property that is a string or number, otherwise `otherwise`. */
export const textOf = (value: unknown, otherwise = ''): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;

const noValue = Symbol('AWS::NoValue');

/**
 * All stacks of an assembly as CloudFormation would evaluate them. Names and ARNs are derived from
 * stack and logical id, so that references can be evaluated before any resource exists.
 */
export class Templates {
  readonly environment: Environment;
  readonly #stacks: ReadonlyMap<string, AssemblyStack>;
  readonly #exports = new Map<string, { stack: AssemblyStack; value: unknown }>();
  readonly #resources = new Map<string, Resource>();
  #byType: ReadonlyMap<string, readonly Resource[]> | undefined;

  constructor(assembly: Assembly, environment: Environment) {
    this.environment = environment;
    this.#stacks = new Map(assembly.stacks.map((stack) => [stack.name, stack]));
    for (const stack of assembly.stacks)
      for (const { Value, Export } of Object.values(stack.template.Outputs ?? {}))
        if (Export !== undefined)
          this.#exports.set(String(this.#evaluate(Export.Name, stack)), { stack, value: Value });
  }

  /** Every resource of a type whose condition holds. */
  resources(type: string): readonly Resource[] {
    // Asked for with every object that is stored: a template with an API key for each client is long.
    this.#byType ??= Map.groupBy(this.#all(), (resource) => resource.type);
    return this.#byType.get(type) ?? [];
  }

  *#all(): Generator<Resource> {
    for (const stack of this.#stacks.values())
      for (const [logicalId, resource] of Object.entries(stack.template.Resources ?? {}))
        if (this.#holds(stack, resource.Condition))
          yield this.#resource(stack, logicalId, resource);
  }

  /** Outputs of all stacks: `stack.output` → value. */
  outputs(): Map<string, unknown> {
    const outputs = new Map<string, unknown>();
    for (const stack of this.#stacks.values())
      for (const [name, { Value }] of Object.entries(stack.template.Outputs ?? {}))
        outputs.set(`${stack.name}.${name}`, this.#evaluate(Value, stack));
    return outputs;
  }

  #resource(stack: AssemblyStack, logicalId: string, resource: TemplateResource): Resource {
    const id = `${stack.name}/${logicalId}`;
    const known = this.#resources.get(id);
    if (known !== undefined) return known;
    const evaluate = () =>
      this.#evaluate(resource.Properties ?? {}, stack) as Resource['properties'];
    const nameOf = (property: string) => {
      const value = this.#evaluate(resource.Properties?.[property], stack);
      return typeof value === 'string' ? value : undefined;
    };
    let properties: Resource['properties'] | undefined;
    const { type, identity } = {
      type: resource.Type,
      identity: identify(
        { type: resource.Type, stack: stack.name, logicalId, property: nameOf },
        this.environment,
      ),
    };
    const evaluated: Resource = {
      stack: stack.name,
      logicalId,
      type,
      identity,
      get properties() {
        properties ??= evaluate();
        return properties;
      },
    };
    this.#resources.set(id, evaluated);
    return evaluated;
  }

  #identity(stack: AssemblyStack, logicalId: string): Identity {
    const resource = stack.template.Resources?.[logicalId];
    if (resource === undefined)
      throw new Error(`template ${stack.name}: ${logicalId} is referred to but not there`);
    return this.#resource(stack, logicalId, resource).identity;
  }

  #evaluate(value: unknown, stack: AssemblyStack): unknown {
    const result = this.#evaluated(value, stack);
    return result === noValue ? undefined : result;
  }

  #evaluated(value: unknown, stack: AssemblyStack): unknown {
    if (Array.isArray(value))
      return value.map((item) => this.#evaluated(item, stack)).filter((item) => item !== noValue);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? [''];
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::')))
      return this.#intrinsic(name, argument, stack);
    return Object.fromEntries(
      entries
        .map(([key, item]) => [key, this.#evaluated(item, stack)] as const)
        .filter(([, item]) => item !== noValue),
    );
  }

  #intrinsic(name: string, argument: unknown, stack: AssemblyStack): unknown {
    const evaluated = () => this.#evaluate(argument, stack);
    switch (name) {
      case 'Ref':
        return this.#ref(String(argument), stack);
      case 'Fn::GetAtt': {
        const [logicalId, attribute] =
          typeof argument === 'string'
            ? (argument.split(/\.(.*)/s) as [string, string])
            : (argument as [string, unknown]);
        return this.#attribute(logicalId, String(this.#evaluate(attribute, stack)), stack);
      }
      case 'Fn::Join': {
        const [separator, parts] = argument as [string, unknown];
        return (this.#evaluate(parts, stack) as unknown[]).join(separator);
      }
      case 'Fn::Sub':
        return this.#substituted(argument, stack);
      case 'Fn::Select': {
        const [index, list] = evaluated() as [number | string, unknown[]];
        return list[Number(index)];
      }
      case 'Fn::Split': {
        const [separator, text] = evaluated() as [string, string];
        return text.split(separator);
      }
      case 'Fn::ImportValue': {
        const exported = this.#exports.get(String(evaluated()));
        if (exported === undefined) throw new Error(`no stack exports ${String(evaluated())}`);
        return this.#evaluate(exported.value, exported.stack);
      }
      case 'Fn::FindInMap': {
        const [map, first, second] = evaluated() as [string, string, string];
        return (stack.template.Mappings?.[map]?.[first] as Record<string, unknown>)?.[second];
      }
      case 'Fn::If': {
        const [condition, yes, no] = argument as [string, unknown, unknown];
        return this.#evaluated(this.#holds(stack, condition) ? yes : no, stack);
      }
      case 'Fn::Base64':
        return Buffer.from(String(evaluated())).toString('base64');
      case 'Fn::ToJsonString':
        return JSON.stringify(evaluated());
      case 'Fn::GetAZs':
        return ['a', 'c', 'd'].map((zone) => `${this.environment.region}${zone}`);
      default:
        return this.#condition(name, argument, stack);
    }
  }

  #ref(name: string, stack: AssemblyStack): unknown {
    const { account, region } = this.environment;
    const pseudo: Record<string, unknown> = {
      'AWS::AccountId': account,
      'AWS::Region': region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack.name,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${stack.name}/sandbox`,
      'AWS::NoValue': noValue,
      'AWS::NotificationARNs': [],
    };
    if (name in pseudo) return pseudo[name];
    const parameter = stack.template.Parameters?.[name];
    return parameter === undefined ? this.#identity(stack, name).ref : (parameter.Default ?? '');
  }

  #attribute(logicalId: string, attribute: string, stack: AssemblyStack): string {
    const { attributes, ref } = this.#identity(stack, logicalId);
    return attributes[attribute] ?? `${ref}.${attribute}`;
  }

  #substituted(argument: unknown, stack: AssemblyStack): string {
    const [text, variables] = (Array.isArray(argument) ? argument : [argument, {}]) as [
      string,
      Record<string, unknown>,
    ];
    return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (whole, literal: string, name: string) => {
      if (literal === '!') return whole.replace('!', '');
      if (name in variables) return String(this.#evaluate(variables[name], stack));
      const [logicalId = '', attribute] = name.split(/\.(.*)/s);
      return attribute === undefined
        ? String(this.#ref(name, stack))
        : this.#attribute(logicalId, attribute, stack);
    });
  }

  #holds(stack: AssemblyStack, condition: string | undefined): boolean {
    if (condition === undefined) return true;
    return Boolean(this.#evaluate(stack.template.Conditions?.[condition], stack));
  }

  #condition(name: string, argument: unknown, stack: AssemblyStack): boolean {
    const operand = (item: unknown): unknown =>
      typeof item === 'object' && item !== null && 'Condition' in item
        ? this.#holds(stack, String(item.Condition))
        : this.#evaluate(item, stack);
    const operands = (argument as unknown[]).map(operand);
    switch (name) {
      case 'Fn::Equals':
        return operands[0] === operands[1];
      case 'Fn::And':
        return operands.every(Boolean);
      case 'Fn::Or':
        return operands.some(Boolean);
      case 'Fn::Not':
        return !operands[0];
      default:
        throw new Error(`template ${stack.name} uses ${name}, which the sandbox cannot evaluate`);
    }
  }
}
