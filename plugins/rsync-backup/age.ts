/** How old something is, for people: `3 days old`; what is younger than an hour in minutes. `ms` is its age in milliseconds. */
export function ageText(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  const [count, unit] =
    minutes < 60
      ? [minutes, 'minute']
      : minutes < 48 * 60
        ? [Math.floor(minutes / 60), 'hour']
        : [Math.floor(minutes / (24 * 60)), 'day']
  return `${String(count)} ${unit}${count === 1 ? '' : 's'} old`
}
