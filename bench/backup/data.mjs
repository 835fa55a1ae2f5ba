import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file in folders of 500, as uploads are kept. */
const pathOf = (folder, index) => join(folder, `${Math.floor(index / 500)}`, `file-${index}`)

/** Writes files of random bytes: nothing can be compressed or found twice. Returns their paths. */
export function writeFiles(folder, files, bytes) {
  rmSync(folder, { recursive: true, force: true })
  const size = Math.floor(bytes / files)
  return Array.from({ length: files }, (_, index) => {
    const path = pathOf(folder, index)
    if (index % 500 === 0) mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, randomBytes(size))
    return path
  })
}

/** Gives every hundredth file other bytes, another hundredth each time. */
export function changeSome(paths, round, size) {
  for (let index = round % 100; index < paths.length; index += 100) writeFileSync(paths[index], randomBytes(size))
}
