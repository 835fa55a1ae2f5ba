import { expect } from 'vitest'
import { orderOf, stoppable, stub, type Stop } from '../../support/faults.ts'
import type { LabHost } from '../global-setup.ts'
import { onHost } from '../hosts.ts'

const folder = '/var/lib/srv-lab-faults'
/** The units of scheduled backups may write nowhere else. */
const units = '/etc/systemd/system/srv-backup-.service.d'

/** Puts something in front of the programs of a host, which stops them where a test says so. */
export async function installFaults(host: LabHost): Promise<void> {
  const texts = stoppable.map((name) => {
    const text = stub(folder, name, `/usr/bin/${name}`)
    return `cat >/usr/local/bin/${name} <<'SRV_LAB_STUB'\n${text}SRV_LAB_STUB\nchmod 755 /usr/local/bin/${name}`
  })
  const allow = `printf '[Service]\\nReadWritePaths=%s\\n' ${folder} >${units}/faults.conf && systemctl daemon-reload`
  await onHost(host, `/usr/bin/mkdir -p -m 0777 ${folder} ${units}\n${texts.join('\n')}\n${allow}`)
}

/** Takes all of that away. */
export async function removeFaults(host: LabHost): Promise<void> {
  await onHost(
    host,
    `cd /usr/local/bin && /usr/bin/rm -rf ${stoppable.join(' ')} ${folder} ${units} && systemctl daemon-reload`,
  )
}

/** The next command on the host that a pattern describes stops. */
export async function stopAt(host: LabHost, pattern: string, stop?: Stop): Promise<void> {
  const order = orderOf(pattern, stop).replaceAll("'", "'\\''")
  await onHost(
    host,
    `cd ${folder} && /usr/bin/rm -f reached && printf %s '${order}' >later && chmod 666 later && /usr/bin/mv later at`,
  )
}

/** Waits until a command is stopped. */
export async function reached(host: LabHost): Promise<void> {
  const look = (): Promise<string> => onHost(host, `[ ! -e ${folder}/reached ] || echo yes`)
  await expect.poll(look, { timeout: 60_000, interval: 200 }).toBe('yes')
}
