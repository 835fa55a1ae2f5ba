import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { timed } from '../measure/command.mjs'
import { measure } from '../measure/rounds.mjs'
import { printMachine, printTable, sayProgress } from '../measure/table.mjs'
import { inWorkplace, listOption, numberOption } from '../measure/workplace.mjs'
import { bare, borg, borgEncrypted, restic, srv } from './contenders.mjs'
import { changeSome, writeFiles } from './data.mjs'

/*
 * Backups of one service on one machine: the first, one of unchanged data, one of which 1 % changed, and a restore.
 *   node bench/backup/run.mjs [--rounds 3] [--files 50000] [--megabytes 1000] [--only srv,rsync]
 */

const rounds = numberOption('rounds', 3)
const files = numberOption('files', 50_000)
const bytes = numberOption('megabytes', 1000) * 1e6
const only = listOption('only')

await inWorkplace(async ({ folder }) => {
  printMachine()
  const service = join(folder, 'srv/shop')
  const data = join(service, 'data')
  const paths = writeFiles(data, files, bytes)
  const contenders = [bare, srv, restic, borg, borgEncrypted]
    .map((make) => {
      const own = join(folder, make.name)
      mkdirSync(own, { recursive: true })
      return make(own, data)
    })
    .filter(({ name }) => only === undefined || only.some((word) => name.includes(word)))

  /** What an earlier restore left is no part of the next one. */
  const tidy = async ({ restored }) => {
    if (restored !== undefined) rmSync(restored, { recursive: true, force: true })
    for (const name of readdirSync(service)) {
      if (name.startsWith('data.before-')) rmSync(join(service, name), { recursive: true })
    }
    await timed(['sync'])
  }
  /** Data that came back as something else would be no restore. srv puts them in place, and what was there beside them. */
  const assertSame = async ({ name, restored }) => {
    const kept = readdirSync(service).find((one) => one.startsWith('data.before-'))
    const found = restored === undefined ? join(service, kept) : name === 'bare rsync' ? restored : join(restored, data)
    await timed(['diff', '-rq', data, found])
  }
  let round = 0
  const phases = {
    first: (one) => ({ prepare: () => one.forget(), run: async () => (await one.backup()).ms, clean: () => tidy(one) }),
    unchanged: (one) => ({ run: async () => (await one.backup()).ms, clean: () => tidy(one) }),
    // The first of them changes the data for all: each has one change to copy.
    '1 % changed': (one) => ({
      prepare: () => (one === contenders[0] ? changeSome(paths, round++, Math.floor(bytes / files)) : undefined),
      run: async () => (await one.backup()).ms,
      clean: () => tidy(one),
    }),
    restore: (one) => ({
      run: async () => (await one.restore()).ms,
      async clean() {
        await assertSame(one)
        await tidy(one)
      },
    }),
  }
  for (const [phase, of] of Object.entries(phases)) {
    const running = contenders.map((one) => ({ name: one.name, ...of(one) }))
    printTable(phase, await measure(running, rounds, (text) => sayProgress(`${phase}  ${text}`)), 'bare rsync')
  }
  printMachine()
})
