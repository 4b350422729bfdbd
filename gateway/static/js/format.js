// Numbers and times as a reader wants them, in the language of the page.

const UNITS = ["B", "kB", "MB", "GB", "TB"];
const TIME = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

export function bytes(count) {
  const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), UNITS.length - 1);
  const value = count / 1000 ** power;
  return `${value.toFixed(power > 0 && value < 10 ? 1 : 0)} ${UNITS[power]}`;
}

export function day(iso) {
  return DAY.format(new Date(iso));
}

// "14:05" today, the day otherwise.
export function moment(iso) {
  const date = new Date(iso);
  const today = new Date().toDateString() === date.toDateString();
  return today ? `today ${TIME.format(date)}` : DAY.format(date);
}

export function percent(value) {
  return `${Math.floor(value)} %`;
}

export function plural(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}

export function clock(seconds) {
  const parts = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    Math.floor(seconds % 60),
  ];
  const [first, ...rest] = parts[0] ? parts : parts.slice(1);
  return [first, ...rest.map((part) => String(part).padStart(2, "0"))].join(":");
}
