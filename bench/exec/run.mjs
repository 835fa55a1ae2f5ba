import { join } from 'node:path'
import { measure } from '../measure/rounds.mjs'
import { printMachine, printTable, sayProgress } from '../measure/table.mjs'
import { inWorkplace, listOption, numberOption } from '../measure/workplace.mjs'
import { writeSshConfig } from '../network/ssh-config.mjs'
import { startSshd } from '../network/sshd.mjs'
import { ansible, bareSsh2, capistrano, fabric, openssh, srv } from './contenders.mjs'

/*
 * Five commands on 1, 10 and 50 hosts, whole process; needs root, for an sshd with a user of its own.
 *   node bench/exec/run.mjs [--rounds 5] [--hosts 1,10,50] [--only srv,ssh2]
 */

const rounds = numberOption('rounds', 5)
const counts = (listOption('hosts') ?? ['1', '10', '50']).map(Number)
const only = listOption('only')

async function measureHosts(count, sshd, folder) {
  const { user, uid, gid, port, key, hostKey } = sshd
  const hosts = Array.from({ length: count }, (_, index) => ({
    name: `host${index + 1}`,
    address: `127.1.0.${index + 1}`,
    port,
    user,
    key,
    hostKeys: [hostKey],
  }))
  const scene = { hosts, user, uid, gid, sshConfig: writeSshConfig(folder, `hosts${count}`, hosts) }
  const own = (name) => join(folder, `${name}${count}`)
  const contenders = [
    bareSsh2(own('ssh2'), scene),
    ...srv(own('srv'), scene),
    openssh(own('openssh'), scene),
    fabric(own('fabric'), scene),
    capistrano(own('capistrano'), scene),
    ansible(own('raw'), scene, 'raw'),
    ansible(own('command'), scene, 'command'),
  ].filter(({ name }) => only?.some((word) => name.toLowerCase().includes(word.toLowerCase())) ?? true)
  const measured = contenders.map((contender) => ({ ...contender, run: async () => (await contender.run()).ms }))
  const results = await measure(measured, rounds, sayProgress)
  printTable(`5 commands on ${count} host${count === 1 ? '' : 's'}`, results, 'bare ssh2')
}

await inWorkplace(async ({ folder, later }) => {
  printMachine()
  const sshd = await startSshd(folder, later)
  for (const count of counts) await measureHosts(count, sshd, folder)
  printMachine()
})
