import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanEnvironment, timed } from '../measure/command.mjs'
import { measure } from '../measure/rounds.mjs'
import { printMachine, printTable, sayProgress } from '../measure/table.mjs'
import { inWorkplace, numberOption } from '../measure/workplace.mjs'
import { writeSshConfig } from '../network/ssh-config.mjs'
import { bare, bareOnHost, srv } from './contenders.mjs'

/*
 * An update of one compose project on one host of the lab, whole process.
 *   node bench/compose/run.mjs [--rounds 7] [--monitor 2000]
 */

const rounds = numberOption('rounds', 7)
const monitorMs = numberOption('monitor', 2000)
const state = new URL('../../test/lab/.state/lab.json', import.meta.url)

function labHost() {
  const { user, key, engines } = JSON.parse(readFileSync(state, 'utf8'))
  const [{ name, address, hostKeys }] = engines
  return { name, address, port: 22, user, key, hostKeys }
}

/** A contender that is fast because it did nothing would win. */
async function assertServed({ address }, { name, port }, version) {
  const { output } = await timed(['curl', '-sS', `http://${address}:${port}/`])
  const text = output.trim()
  if (text !== version) throw new Error(`${name} was to put ${version} in place, and ${text} answers`)
}

await inWorkplace(async ({ folder, later }) => {
  printMachine()
  const host = labHost()
  const scene = { host, sshConfig: writeSshConfig(folder, 'lab', [host]) }
  const onHost = (command) =>
    timed(['ssh', '-F', scene.sshConfig, host.name, command], { env: cleanEnvironment(folder) })
  const removal = `for name in srv-bench srv-bench-bare; do
docker ps -aq --filter label=com.docker.compose.project=$name | xargs -r docker rm -f
docker network ls -q --filter label=com.docker.compose.project=$name | xargs -r docker network rm
docker image ls --format '{{.Repository}}:{{.Tag}}' | grep -E "^(srv/)?$name-" | xargs -r docker image rm -f
done
rm -rf ${bareOnHost} /srv/srv-bench`
  await onHost(removal)
  later(() => onHost(removal))
  const contenders = [bare(join(folder, 'bare'), scene, 8190), srv(join(folder, 'srv'), scene, 8191, monitorMs)]
  let count = 0
  const updating = contenders.map((one) => ({
    name: one.name,
    prepare: () => one.write(`version ${++count}`),
    run: async () => (await one.run()).ms,
    clean: () => assertServed(host, one, `version ${count}`),
  }))
  const results = await measure(updating, rounds, sayProgress)
  printTable('update of a compose project', results, 'bare compose')
  const [base, ours] = results
  const ratio = (ours.medianMs - monitorMs) / base.medianMs
  console.log(`\nsrv deploy without its ${monitorMs} ms of watching: ${ratio.toFixed(2)} × bare compose`)
  printMachine()
})
