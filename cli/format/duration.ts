const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3_600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
] as const;

/** Below this a duration is said in hours: refresh tokens live for 48 of them, and that is how people count. */
const DAYS_FROM_SECONDS = 4 * 86_400;

/**
 * A duration in its `parts` largest units, rounded down: `3 min 12 s`, `47 h 10 min`, `less than 1 s`.
 * A smaller unit that is zero is left out. Negative durations count as none.
 */
export function duration(ms: number, parts = 2): string {
  let seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds === 0) return 'less than 1 s';
  const units = seconds < DAYS_FROM_SECONDS ? UNITS.slice(1) : UNITS;
  const first = units.findIndex((unit) => unit.seconds <= seconds);
  const said: string[] = [];
  for (const unit of units.slice(first, first + parts)) {
    const count = Math.floor(seconds / unit.seconds);
    seconds -= count * unit.seconds;
    if (count > 0) said.push(`${count} ${unit.name}`);
  }
  return said.join(' ');
}

const HOUR_MS = 3_600_000;
/** From here on the minutes are of no interest. */
const HOURS_ALONE_FROM_MS = 10 * HOUR_MS;

/** A duration for a sentence, in its largest unit; with the minutes while they are much of it: `1 h 35 min`, `47 h`. */
export function roughly(ms: number): string {
  return duration(ms, ms >= HOUR_MS && ms < HOURS_ALONE_FROM_MS ? 2 : 1);
}

/** Time left until an RFC 3339 time: `3 min 12 s`, or `expired 2 min ago`; `-` when there is none. */
export function timeLeft(time: string | undefined, nowMs: number): string {
  const atMs = Date.parse(time ?? '');
  if (Number.isNaN(atMs)) return '-';
  return atMs > nowMs ? duration(atMs - nowMs) : `expired ${duration(nowMs - atMs, 1)} ago`;
}

/** An RFC 3339 time with its distance from now: `2026-01-01 12:00:00 UTC (in 3 min 12 s)`. */
export function moment(time: string, nowMs: number): string {
  const atMs = Date.parse(time);
  if (Number.isNaN(atMs)) return time;
  const distance = atMs > nowMs ? `in ${duration(atMs - nowMs)}` : `${duration(nowMs - atMs)} ago`;
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC (${distance})`;
}
