import type { ApiDefinition, MethodDefinition } from './api-definition.ts';

export interface Match {
  readonly method: MethodDefinition;
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

interface Node {
  readonly literal: Map<string, Node>;
  parameter?: { name: string; node: Node };
  greedy?: { name: string; node: Node };
  readonly methods: Map<string, MethodDefinition>;
}

const newNode = (): Node => ({ literal: new Map(), methods: new Map() });

/**
 * Finds the method of a request: literal segments take precedence over `{name}`, and these over
 * `{name+}`.
 */
export function createRouter(
  api: ApiDefinition,
): (httpMethod: string, path: string) => Match | undefined {
  const root = newNode();
  for (const method of api.methods) {
    const node = partsOf(method.resourcePath).reduce(descend, root);
    node.methods.set(method.httpMethod, method);
  }
  return (httpMethod, path) => {
    const parameters: [string, string][] = [];
    const node = find(root, partsOf(path), 0, parameters);
    const method = node?.methods.get(httpMethod) ?? node?.methods.get('ANY');
    if (method === undefined) return undefined;
    return {
      method,
      pathParameters: parameters.length === 0 ? null : Object.fromEntries(parameters),
    };
  };
}

function descend(node: Node, part: string): Node {
  const [, name, plus] = /^\{(.+?)(\+?)\}$/.exec(part) ?? [];
  if (name === undefined) {
    const next = node.literal.get(part) ?? newNode();
    node.literal.set(part, next);
    return next;
  }
  const slot = plus === '+' ? 'greedy' : 'parameter';
  node[slot] ??= { name, node: newNode() };
  return node[slot].node;
}

function find(
  node: Node,
  parts: readonly string[],
  at: number,
  parameters: [string, string][],
): Node | undefined {
  const part = parts[at];
  if (part === undefined) return node.methods.size > 0 ? node : undefined;
  const literal = node.literal.get(part);
  const exact = literal === undefined ? undefined : find(literal, parts, at + 1, parameters);
  if (exact !== undefined) return exact;
  if (node.parameter !== undefined) {
    const kept = parameters.length;
    parameters.push([node.parameter.name, decoded(part)]);
    const found = find(node.parameter.node, parts, at + 1, parameters);
    if (found !== undefined) return found;
    parameters.length = kept;
  }
  if (node.greedy === undefined) return undefined;
  parameters.push([node.greedy.name, parts.slice(at).map(decoded).join('/')]);
  return node.greedy.node;
}

/** API Gateway ignores a trailing slash. */
const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '');

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
