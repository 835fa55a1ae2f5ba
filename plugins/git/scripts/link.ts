import { posix } from 'node:path'
import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Layout } from '../layout.ts'
import { prologue } from './prologue.ts'

/** A folder, unless it is named like a file. What already exists on the host takes precedence over this. */
function kindOf(path: string): 'folder' | 'file' {
  return path.endsWith('/') || !posix.basename(path).includes('.') ? 'folder' : 'file'
}

function ancestors(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/**
 * `share path kind`: what is missing in data/ is copied from the release or created. It is copied under another name first,
 * so that a copy that was cut off is not taken for the data. A file that is nowhere is left for the app to write through
 * the link.
 */
const share = raw(String.raw`share() {
  source=$data/$1
  target=$release/$1
  mkdir -p "$(dirname "$source")" "$(dirname "$target")" || exit 1
  if [ ! -e "$source" ] && [ ! -L "$source" ]; then
    if [ -e "$target" ] && [ ! -L "$target" ]; then
      seed=$(dirname "$source")/.srv-seed
      rm -rf "$seed" || exit 1
      cp -pPR "$target" "$seed" || exit 1
      mv -T "$seed" "$source" || exit 1
    elif [ "$2" = folder ]; then
      mkdir "$source" || exit 1
    fi
  fi
  rm -rf "$target" || exit 1
  ln -s "$source" "$target" || exit 1
}
plain() { [ ! -L "$release/$1" ] || fail "$release/$1 is a link in the repository: nothing below it can be shared."; }`)

/** Links shared paths of a release into the service's data. Nothing outside the release is replaced. */
export function linkScript(layout: Layout, folder: string, shared: readonly string[]): Script {
  const each = shared.flatMap((path) => {
    const name = path.replace(/\/$/, '')
    return [...ancestors(name).map((one) => sh`plain ${one}`), sh`share ${name} ${kindOf(path)}`]
  })
  return lines(prologue(layout), sh`release=${folder}`, share, ...each)
}
