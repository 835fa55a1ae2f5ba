import { cpus, loadavg } from 'node:os'

/** Prints medians, the range they come from, and their ratio to the contender that the aim is about. */
export function printTable(title, results, base) {
  const reference = results.find(({ name }) => name === base)?.medianMs
  const rows = results.map(({ name, medianMs, fastestMs, slowestMs }) => [
    name,
    `${Math.round(medianMs)} ms`,
    `${Math.round(fastestMs)}–${Math.round(slowestMs)}`,
    reference === undefined ? '–' : `${(medianMs / reference).toFixed(2)} ×`,
  ])
  const all = [[title, 'median', 'range', `to ${base}`], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column].length)))
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  console.log(`\n${[line(all[0]), rule, ...all.slice(1).map(line)].join('\n')}`)
}

/** Prints what the figures depend on: the machine, and how busy it is now. */
export function printMachine() {
  const [one, five] = loadavg()
  const { model } = cpus()[0]
  console.log(
    `${cpus().length} × ${model.trim()}, Node ${process.version}, load ${one.toFixed(1)} (1 min) ${five.toFixed(1)} (5 min)`,
  )
}

/** Prints progress on a terminal and in logs, apart from the table on standard output. */
export function sayProgress(text) {
  process.stderr.write(`${text}\n`)
}
