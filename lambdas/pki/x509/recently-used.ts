/**
 * What was used lately, by name: at least the last `count` entries, at most twice as many. Entries age
 * by generations, because a Map that drops its oldest entry at every turn spends more on that than on
 * being asked.
 */
export class RecentlyUsed<Value> {
  private readonly count: number;
  private young = new Map<string, Value>();
  private old = new Map<string, Value>();

  constructor(count: number) {
    this.count = count;
  }

  get(name: string): Value | undefined {
    const value = this.young.get(name);
    if (value !== undefined) return value;
    const aged = this.old.get(name);
    if (aged !== undefined) this.set(name, aged);
    return aged;
  }

  set(name: string, value: Value): void {
    if (this.young.size === this.count) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(name, value);
  }
}
