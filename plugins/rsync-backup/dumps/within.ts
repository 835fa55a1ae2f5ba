import { raw, type Script } from '../../../src/index.ts'

/**
 * Shell function `within FILE`, for a file below `$data`: ends with why when a link in `$data` leads out of it on the way
 * there. What is brought beside the data has the same links as they: such a file is the one that the service works with.
 */
export const withinFunction: Script = raw(`real_path() { cd -P "$1" && pwd -P && echo x; }
within() {
  above=\${1%/*}
  while [ "$above" != "$data" ] && [ ! -e "$above" ] && [ ! -L "$above" ]; do above=\${above%/*}; done
  [ -d "$data" ] || return 0
  inner=\${above#"$data"}
  [ -d "$above" ] || { echo "data$inner is no folder" >&2; exit 1; }
  root=$(real_path "$data")
  real=$(real_path "$above")
  root=\${root%?x} real=\${real%?x}
  case $real/ in
  "$root"/*) ;;
  *) echo "data$inner leads out of the data, to $real: loading \${1##*/} there would replace a file that is in use" >&2; exit 1 ;;
  esac
}`)
