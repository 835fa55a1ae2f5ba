import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import type { LabHost } from '../global-setup.ts'
import { onHost } from '../hosts.ts'

/** An image registry on this machine, with a certificate that hosts and this machine trust. */
export interface Registry {
  /** `172.18.0.1:8125` */
  readonly address: string
  /** What `GET` of a path below `/v2/` answers. */
  ask(path: string): Promise<unknown>
  /** Ends it; what it stores is gone. */
  stop(): Promise<void>
}

/** Whom a registry lets in that lets not everybody in. `hash` is what `htpasswd -B` makes of the password. */
export const account = {
  user: 'lab',
  password: 'lab secret',
  hash: '$2b$04$cmrBUnVSfDy.iaT7/RV5BOUnvgCf2oKcpFGf7CjSRrvZDx3hCIl3.',
} as const

/** Starts a registry where the hosts reach it: on this machine's address in their network. */
export async function startRegistry(
  port: number,
  hosts: readonly [LabHost, ...LabHost[]],
  { wantsPassword = false }: { readonly wantsPassword?: boolean } = {},
): Promise<Registry> {
  const ip = await onHost(hosts[0], `ip route | awk '$1 == "default" { print $3 }'`)
  const address = `${ip}:${String(port)}`
  const folder = mkdtempSync(join(tmpdir(), 'srv-registry-'))
  const [key, certificate, config] = [join(folder, 'key.pem'), join(folder, 'ca.crt'), join(folder, 'config.yml')]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const names = ['-subj', '/CN=srv-lab-registry', '-addext', `subjectAltName=IP:${ip}`]
  execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', certificate], { stdio: 'pipe' })
  writeFileSync(join(folder, 'htpasswd'), `${account.user}:${account.hash}\n`)
  writeFileSync(
    config,
    `version: 0.1
storage: { filesystem: { rootdirectory: ${folder}/store } }
http: { addr: '${address}', tls: { certificate: ${certificate}, key: ${key} } }
${wantsPassword ? `auth: { htpasswd: { realm: lab, path: ${folder}/htpasswd } }\n` : ''}`,
  )
  // Docker reads these when it connects: no engine has to be started again.
  const trusted = `/etc/docker/certs.d/${address}`
  const ca = readFileSync(certificate, 'utf8')
  mkdirSync(trusted, { recursive: true })
  cpSync(certificate, join(trusted, 'ca.crt'))
  for (const host of hosts) await onHost(host, `mkdir -p ${trusted} && printf '%s' '${ca}' > ${trusted}/ca.crt`)

  const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (bytes: Buffer) => (log += bytes.toString()))
  while (!log.includes('listening on')) {
    if (child.exitCode !== null) throw new Error(`the registry ended:\n${log}`)
    await Promise.race([once(child.stderr, 'data'), once(child, 'exit')])
  }
  return {
    address,
    ask: (path) =>
      new Promise((resolve, reject) => {
        const auth = wantsPassword ? { auth: `${account.user}:${account.password}` } : {}
        get(`https://${address}/v2/${path}`, { ca, agent: false, ...auth }, (response) => {
          json(response).then(resolve, reject)
        }).on('error', reject)
      }),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill()
        await once(child, 'exit')
      }
      rmSync(folder, { recursive: true, force: true })
      rmSync(trusted, { recursive: true, force: true })
      for (const host of hosts) await onHost(host, `rm -rf ${trusted}`)
    },
  }
}
