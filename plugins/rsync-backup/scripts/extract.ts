import { lines, raw, sh, type Script } from '../../../src/index.ts'

/** Fails when a folder is not empty, or is not a folder. */
export function vacantScript(folder: string): Script {
  return lines(
    sh`folder=${folder}`,
    raw(`if [ -e "$folder" ] || [ -L "$folder" ]; then
  [ -d "$folder" ] && [ ! -L "$folder" ] || { echo "$folder exists, and is not a folder" >&2; exit 1; }
  [ -z "$(ls -A "$folder")" ] || { echo "$folder exists, and is not empty" >&2; exit 1; }
fi`),
  )
}

/** Gives the copy its final name, in place of an empty folder. */
export function finishExtract(staging: string, folder: string): Script {
  return lines(
    vacantScript(folder),
    sh`staging=${staging}`,
    raw(`if [ -d "$folder" ]; then rmdir "$folder"; fi
mv -T "$staging" "$folder"`),
  )
}
