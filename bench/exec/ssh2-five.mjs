import { readFileSync } from 'node:fs'
import ssh2 from 'ssh2'

/*
 * The least that a program on ssh2 can do: log in to all hosts at once, check the host key, run the commands one after
 * another on each.   node ssh2-five.mjs <file with hosts and commands>
 */

const { hosts, commands } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const keys = new Map()
const keyOf = (path) => keys.get(path) ?? keys.set(path, readFileSync(path)).get(path)

function connect({ address, port, user, key, hostKeys }) {
  const known = hostKeys.map((text) => text.split(' ')[1])
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.once('connect', () => client.setNoDelay(true))
    client.once('ready', () => resolve(client)).once('error', reject)
    const hostVerifier = (blob) => known.includes(blob.toString('base64'))
    client.connect({ host: address, port, username: user, privateKey: keyOf(key), hostVerifier })
  })
}

function run(client, command) {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error)
      let code
      channel.resume().stderr.resume()
      channel.once('exit', (status) => (code = status))
      channel.once('close', () => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))))
    })
  })
}

await Promise.all(
  hosts.map(async (host) => {
    const client = await connect(host)
    for (const command of commands) await run(client, command)
    client.end()
  }),
)
