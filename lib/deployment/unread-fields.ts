/** JSON that remembers which of its fields a parser asked for, and so which nobody reads. */
export interface WatchedJson {
  readonly json: unknown;
  unread(): readonly UnreadField[];
}

export interface UnreadField {
  readonly path: string;
  readonly name: string;
  /** Names that were asked for in the same place. */
  readonly known: readonly string[];
}

export function watchReads(value: unknown, path: string): WatchedJson {
  const visited: { readonly path: string; readonly has: string[]; readonly asked: Set<string> }[] =
    [];
  const watch = (node: unknown, at: string): unknown => {
    if (Array.isArray(node))
      return node.map((item: unknown, index) => watch(item, `${at}[${index}]`));
    if (typeof node !== 'object' || node === null) return node;
    const fields = Object.fromEntries(
      Object.entries(node).map(([name, field]) => [name, watch(field, `${at}.${name}`)]),
    );
    const asked = new Set<string>();
    visited.push({ path: at, has: Object.keys(fields), asked });
    const note = (name: string | symbol): void => {
      if (typeof name === 'string') asked.add(name);
    };
    return new Proxy(fields, {
      get: (target, name) => (note(name), Reflect.get(target, name) as unknown),
      getOwnPropertyDescriptor: (target, name) => (
        note(name),
        Reflect.getOwnPropertyDescriptor(target, name)
      ),
    });
  };
  const json = watch(value, path);
  return {
    json,
    unread: () =>
      visited
        // What stands below a field that nobody reads is told by that field.
        .filter(({ asked }) => asked.size > 0)
        .flatMap(({ path, has, asked }) =>
          has
            .filter((name) => !asked.has(name))
            .map((name) => ({ path: `${path}.${name}`, name, known: [...asked] })),
        ),
  };
}
