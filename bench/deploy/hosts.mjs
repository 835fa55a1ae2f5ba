import { readFileSync } from 'node:fs'
import { freePort } from '../network/sshd.mjs'
import { startProxy } from '../network/proxy.mjs'
import { writeSshConfig } from '../network/ssh-config.mjs'

const state = new URL('../../test/lab/.state/lab.json', import.meta.url)

function labHosts() {
  try {
    const { user, key, hosts } = JSON.parse(readFileSync(state, 'utf8'))
    return hosts.map(({ name, address, hostKeys }) => ({ name, address, port: 22, user, key, hostKeys }))
  } catch (error) {
    throw new Error('No lab is up: run test/lab/up.sh', { cause: error })
  }
}

/**
 * The three hosts of the lab, directly or behind links of `roundTripMs`: `{ hosts, sshConfig, turns }`. Links are made
 * also for 0 ms when `counted`, since only they count.
 */
export async function hostsBehind(roundTripMs, counted, folder, later) {
  const lab = labHosts()
  const name = `${roundTripMs}ms`
  if (roundTripMs === 0 && !counted) {
    return { hosts: lab, sshConfig: writeSshConfig(folder, name, lab), turns: () => undefined }
  }
  const links = []
  for (const [index, { address, port }] of lab.entries()) {
    const own = `127.2.0.${index + 1}`
    const link = await startProxy(own, await freePort(own), { host: address, port }, roundTripMs)
    later(() => link.stop())
    links.push(link)
  }
  const hosts = lab.map((host, index) => ({ ...host, address: links[index].address, port: links[index].port }))
  return { hosts, sshConfig: writeSshConfig(folder, name, hosts), turns: () => links.map((link) => link.turns()) }
}
