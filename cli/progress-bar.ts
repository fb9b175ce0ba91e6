/** Progress of a long command, drawn on stderr so that stdout contains only the result. */
export interface ProgressBar {
  /** `done` and `total` in the bar's unit; `total` is omitted if unknown. */
  update(done: number, total?: number): void;
  /** Draws the last state and ends the line. */
  finish(): void;
  /** Ends the line in its current state, before an error message. */
  stop(): void;
}

export interface ProgressBarOptions {
  readonly label: string;
  readonly unit: 'bytes' | 'rows' | 'pages' | 'cases';
  readonly stream?: ProgressStream;
  /** Milliseconds; for the rate and the redraw interval. */
  readonly now?: () => number;
}

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A terminal is redrawn often; a log file gets one line per interval. */
const redrawMs = 100;
const plainLineMs = 5_000;

/** A progress bar on a terminal; otherwise (CI logs, pipes) a plain line at intervals. */
export function createProgressBar(options: ProgressBarOptions): ProgressBar {
  const { label, unit, stream = process.stderr, now = Date.now } = options;
  const startedAt = now();
  const interval = stream.isTTY ? redrawMs : plainLineMs;
  let drawnAt = stream.isTTY ? -Infinity : startedAt;
  let state: { done: number; total: number | undefined } = { done: 0, total: undefined };
  let finished = false;

  const draw = () => {
    drawnAt = now();
    const text = describe(label, unit, state, drawnAt - startedAt, stream);
    stream.write(stream.isTTY ? `\r${text}\u001b[K` : `${text}\n`);
  };

  return {
    update(done, total = state.total) {
      state = { done, total };
      // `finish` reports completion, so that a log has one line of 100 %.
      const last = !stream.isTTY && total !== undefined && done >= total;
      if (!finished && !last && now() - drawnAt >= interval) draw();
    },
    finish() {
      if (finished) return;
      finished = true;
      draw();
      if (stream.isTTY) stream.write('\n');
    },
    stop() {
      if (finished) return;
      finished = true;
      if (stream.isTTY && drawnAt !== -Infinity) stream.write('\n');
    },
  };
}

function describe(
  label: string,
  unit: ProgressBarOptions['unit'],
  { done, total }: { done: number; total: number | undefined },
  elapsedMs: number,
  stream: ProgressStream,
): string {
  const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  const amount = total === undefined ? quantity(done, unit) : ofTotal(done, total, unit);
  const speed = rate > 0 ? `  ${quantity(rate, unit)}/s` : '';
  const left =
    total !== undefined && rate > 0 && done < total
      ? `  ${duration((total - done) / rate)} left`
      : `  ${duration(elapsedMs / 1000)}`;
  const tail = `${amount}${speed}${left}`;
  if (!stream.isTTY || total === undefined) return `${label}  ${tail}`;
  const room = (stream.columns ?? 80) - label.length - tail.length - 6;
  const width = Math.max(0, Math.min(30, room));
  const filled = total > 0 ? Math.min(width, Math.floor((done / total) * width)) : 0;
  return `${label}  [${'#'.repeat(filled)}${'.'.repeat(width - filled)}]  ${tail}`;
}

function ofTotal(done: number, total: number, unit: ProgressBarOptions['unit']): string {
  const percent = total > 0 ? Math.min(100, Math.floor((done / total) * 100)) : 100;
  return `${percent}%  ${quantity(done, unit)} of ${quantity(total, unit)}`;
}

function quantity(value: number, unit: ProgressBarOptions['unit']): string {
  if (unit !== 'bytes') return `${Math.round(value).toLocaleString('en')} ${unit}`;
  if (value < 1_000) return `${Math.round(value)} B`;
  if (value < 1_000_000) return `${(value / 1_000).toFixed(1)} kB`;
  return value < 1_000_000_000
    ? `${(value / 1_000_000).toFixed(1)} MB`
    : `${(value / 1_000_000_000).toFixed(2)} GB`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.ceil(seconds % 60)} s`;
}
