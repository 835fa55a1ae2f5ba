import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { quote, srvError, type ExecResult, type Script } from '../../../src/index.ts'
import type { Context } from './build.ts'

/** Exit status of a relayed command when the images could not be transferred: any other failure is about the release. */
const notThrough = 66

function assertDone({ end, stderr }: ExecResult, { host, instance }: Pick<Context, 'host' | 'instance'>): void {
  if (end.kind === 'exit' && end.code === 0) return
  const output = stderr.split('\n').filter((line) => line.trim() !== '')
  const circumstances = { where: { host: host.name, instance: instance.id }, output: output.slice(-20) }
  const isAboutRelease = end.kind === 'exit' && end.code !== notThrough && end.code < 128
  const said = isAboutRelease ? output.find((line) => !line.startsWith('time=')) : output.at(-1)
  const problem = said?.trim() ?? `it ended with ${end.kind}`
  const facts = { instance: instance.id, host: host.name, problem }
  throw srvError(isAboutRelease ? 'SRV-624' : 'SRV-621', facts, circumstances)
}

/** How docker is called on a host without the plugin's own prologue: on the engine of the host, whatever the login user has chosen. */
const plainDocker = 'env -u DOCKER_HOST -u DOCKER_CONTEXT -u DOCKER_CONFIG docker'

/** The host, for a script that runs on this machine. */
const remote = 'sh -c "$SRV_REMOTE_SHELL" sh'

/**
 * Saves the images that a file of the host lists, and unpacks them into a folder of this machine; nothing when it lists
 * none. In the same command `before` writes that file, and `after` finishes the release that the images belong to.
 *
 * @throws SrvError SRV-621 when they could not be transferred, SRV-624 when a text around that failed
 */
export async function fetchImages(
  context: Context,
  folder: string,
  list: string,
  texts: { readonly before: Script; readonly after: Script },
): Promise<void> {
  const names = quote(list)
  const save = `[ ! -s ${names} ] || ${plainDocker} save $(cat ${names}) || exit ${String(notThrough)}`
  const script = `rm -rf "$1" && mkdir -p "$1" && { ${remote} srv "$2" > "$1.tar" || exit; }
{ [ ! -s "$1.tar" ] || tar -xf "$1.tar" -C "$1"; } && rm -f "$1.tar" || exit ${String(notThrough)}`
  assertDone(await context.relay({ argv: ['sh', '-c', script, 'sh', folder, save], ...texts }), context)
}

/**
 * Loads the archive that a folder of this machine holds into the engine of the host, without some of its files, and in
 * the same command finishes the release that the images belong to.
 *
 * @throws SrvError SRV-621 when the engine did not take it, SRV-624 when `after` failed
 */
export async function sendImages(
  context: Context,
  folder: string,
  without: readonly string[],
  after: Script,
): Promise<void> {
  const list = `${folder}.${context.host.name}`
  await mkdir(join(folder, '..'), { recursive: true })
  await writeFile(list, without.map((file) => `./${file}\n`).join(''))
  const load = `${plainDocker} load --quiet || exit ${String(notThrough)}`
  const script = `tar -cf - -X "$2" -C "$1" . | gzip -1 | ${remote} srv "$3"`
  assertDone(await context.relay({ argv: ['sh', '-c', script, 'sh', folder, list, load], after }), context)
}
