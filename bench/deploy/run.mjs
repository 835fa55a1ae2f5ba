import { join } from 'node:path'
import { cleanEnvironment, timed } from '../measure/command.mjs'
import { measure } from '../measure/rounds.mjs'
import { printMachine, printTable, sayProgress } from '../measure/table.mjs'
import { inWorkplace, listOption, numberOption } from '../measure/workplace.mjs'
import { serveApplication } from './application.mjs'
import { bare, capistrano, rootOnHosts, shipit, srv } from './contenders.mjs'
import { hostsBehind } from './hosts.mjs'

/*
 * An update of three hosts by one new commit, whole process, without and with a long link.
 *   node bench/deploy/run.mjs [--rounds 7] [--links 0,100] [--only srv,bare] [--count]
 * --count puts links of no length between, and says how often each connection waited for an answer.
 */

const rounds = numberOption('rounds', 7)
const links = (listOption('links') ?? ['0', '100']).map(Number)
const only = listOption('only')
const isCounted = process.argv.includes('--count')
const shipitFolder = process.env.SRV_BENCH_SHIPIT

async function onEachHost({ hosts, sshConfig }, folder, command) {
  for (const { name } of hosts) await timed(['ssh', '-F', sshConfig, name, command], { env: cleanEnvironment(folder) })
}

async function measureLink(roundTripMs, application, folder, later) {
  const { hosts, sshConfig, turns } = await hostsBehind(roundTripMs, isCounted, folder, later)
  const scene = { hosts, sshConfig, url: application.url }
  await onEachHost(scene, folder, `rm -rf ${rootOnHosts} && mkdir -p ${rootOnHosts}`)
  const own = (name) => join(folder, `${name}-${roundTripMs}`)
  const contenders = [
    bare(own('bare'), scene),
    ...srv(own('srv'), scene),
    capistrano(own('capistrano'), scene),
    ...(shipitFolder === undefined ? [] : [shipit(own('shipit'), scene, shipitFolder)]),
  ].filter(({ name }) => only?.some((word) => name.toLowerCase().includes(word.toLowerCase())) ?? true)
  const updating = contenders.map(({ name, run }) => ({
    name,
    prepare: () => {
      application.commit()
      turns()
    },
    run: async () => (await run()).ms,
    clean: async () => {
      const counted = turns()
      if (counted !== undefined) sayProgress(`  turns of each connection, by host: ${JSON.stringify(counted)}`)
      await assertServed(scene, folder, name, application)
    },
  }))
  const results = await measure(updating, rounds, sayProgress)
  printTable(`update of 3 hosts, ${roundTripMs} ms round trip`, results, 'bare ssh')
  await onEachHost(scene, folder, `rm -rf ${rootOnHosts}`)
}

const currentOf = {
  'bare ssh': 'bare/current',
  'srv deploy': 'srv/app/instances/native/current',
  'srv, hosts at once': 'srv/app/instances/native/current',
  Capistrano: 'capistrano/current',
  Shipit: 'shipit/current',
}

/** A contender that is fast because it did nothing would win. */
async function assertServed(scene, folder, name, { version }) {
  await onEachHost(scene, folder, `[ "$(cat ${rootOnHosts}/${currentOf[name]}/version.txt)" = ${version()} ]`)
}

await inWorkplace(async ({ folder, later }) => {
  printMachine()
  const application = await serveApplication(folder, later)
  for (const roundTripMs of links) await measureLink(roundTripMs, application, folder, later)
  printMachine()
})
