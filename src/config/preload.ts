import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** What a config imports of this package: `srvkit`, `srvkit/git`. */
const ours = /['"](srvkit(?:\/[a-z-]+)?)['"]/g

/**
 * Loads what a config imports from this package while esbuild reads the config. Behind tsx's hooks each of these files would
 * be requested from another thread, which takes three times as long. Whatever is wrong with one of them is reported when
 * the config itself imports it.
 */
export async function preload(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const { resolve } = createRequire(file)
  const names = new Set([...text.matchAll(ours)].map(([, name = '']) => name))
  const load = async (name: string): Promise<void> => {
    await import(pathToFileURL(resolve(name)).href)
  }
  await Promise.allSettled([...names].map(load))
}
