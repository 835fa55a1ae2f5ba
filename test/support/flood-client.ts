import type { Host } from '../../src/config/resolved.ts'
import { createPool } from '../../src/transport/pool.ts'

/*
 * Runs one script on a host, in a process of its own so that its memory can be measured and limited:
 * `flood-client <host as JSON> <script>`. Prints what it got, and how far memory went up while it read.
 */
const [hostText = '', script = ''] = process.argv.slice(2)
const host = JSON.parse(hostText) as Host
const pool = createPool({ warn: () => undefined })
const transport = await pool.get(host)
await transport.exec('true')

const used = (): number => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
const before = used()
let most = before
let told = 0
const { end, stdout } = await transport.exec(script, {
  onOutput: (_stream, text) => {
    told += text.length
    most = Math.max(most, used())
  },
})
await pool.close()
process.stdout.write(
  JSON.stringify({ end, told, kept: stdout.length, tail: stdout.slice(-5), grownBytes: most - before }),
)
