/**
 * Makes this thread's Date follow a movable clock: `offset` contains one BigInt64, the milliseconds
 * to add to the machine's clock. Timers and performance.now are not affected.
 */
export function moveDateBy(offset: SharedArrayBuffer): void {
  const milliseconds = new BigInt64Array(offset);
  const MachineDate = globalThis.Date;
  const machineNow = MachineDate.now;
  const now = (): number => machineNow() + Number(milliseconds[0]);

  function MovableDate(...parts: unknown[]): Date | string {
    if (new.target === undefined) return new MachineDate(now()).toString();
    const given = parts.length === 0 ? [now()] : parts;
    return Reflect.construct(MachineDate, given, new.target) as Date;
  }
  Object.defineProperties(MovableDate, {
    name: { value: 'Date' },
    length: { value: 7 },
    now: { value: now, writable: true, configurable: true },
    parse: { value: MachineDate.parse, writable: true, configurable: true },
    UTC: { value: MachineDate.UTC, writable: true, configurable: true },
    prototype: { value: MachineDate.prototype },
  });
  Object.defineProperty(MachineDate.prototype, 'constructor', {
    value: MovableDate,
    writable: true,
    configurable: true,
  });
  globalThis.Date = MovableDate as unknown as DateConstructor;
}
