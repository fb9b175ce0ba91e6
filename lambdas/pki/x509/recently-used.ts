/**
 * A cache of recently used values by key: at least the last `count` entries, at most twice as many. It
 * drops a whole generation at a time, which is faster than to evict the oldest entry at each insertion.
 */
export class RecentlyUsed<Value, Key extends string | number = string> {
  private readonly count: number;
  private young = new Map<Key, Value>();
  private old = new Map<Key, Value>();

  constructor(count: number) {
    this.count = count;
  }

  get(name: Key): Value | undefined {
    const value = this.young.get(name);
    if (value !== undefined) return value;
    const aged = this.old.get(name);
    if (aged !== undefined) this.set(name, aged);
    return aged;
  }

  set(name: Key, value: Value): void {
    if (this.young.size === this.count) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(name, value);
  }
}
