import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { srvError, type ExecResult, type Script } from '../../../src/index.ts'
import type { Context } from './build.ts'

function assertDone({ end, stderr }: ExecResult, { host, instance }: Pick<Context, 'host' | 'instance'>): void {
  if (end.kind === 'exit' && end.code === 0) return
  const output = stderr.split('\n').filter((line) => line.trim() !== '')
  const problem = output.at(-1) ?? `it ended with ${end.kind}`
  throw srvError(
    'SRV-621',
    { instance: instance.id, host: host.name, problem },
    { where: { host: host.name, instance: instance.id }, output: output.slice(-20) },
  )
}

/**
 * Unpacks what a command of the host prints into a folder of this machine; nothing when it prints nothing.
 *
 * @throws SrvError SRV-621 when the command or tar failed
 */
export async function unpackInto(context: Context, folder: string, before: Script, command: string): Promise<void> {
  const script =
    'rm -rf "$2" && mkdir -p "$2" && "$1" srv "$3" > "$2.tar" && { [ ! -s "$2.tar" ] || tar -xf "$2.tar" -C "$2"; } && rm -f "$2.tar"'
  assertDone(await context.relay({ argv: ['sh', '-c', script, 'sh', '{shell}', folder, command], before }), context)
}

/** How docker is called on a host where nothing else of srv's runs: by the engine of the host, whatever the log-in user chose. */
export const plainDocker = 'env -u DOCKER_HOST -u DOCKER_CONTEXT -u DOCKER_CONFIG docker'

/**
 * Loads the archive that a folder of this machine holds into the engine of the host, without some of its files.
 *
 * @throws SrvError SRV-621 when the engine did not take it
 */
export async function sendFiles(context: Context, folder: string, without: readonly string[]): Promise<void> {
  const list = `${folder}.${context.host.name}`
  await mkdir(join(folder, '..'), { recursive: true })
  await writeFile(list, without.map((file) => `./${file}\n`).join(''))
  const script = `tar -cf - -X "$3" -C "$2" . | gzip -1 | "$1" srv "${plainDocker} load --quiet"`
  assertDone(await context.relay({ argv: ['sh', '-c', script, 'sh', '{shell}', folder, list] }), context)
}
