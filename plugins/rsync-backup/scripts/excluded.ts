import { lines, raw, sh, type Paths, type Script } from '../../../src/index.ts'
import type { Settings } from '../options.ts'
import { excluded } from './pass.ts'
import { writtenName } from './written-name.ts'

/** How many names are printed at most: patterns such as `*.log` may hide any number. */
export const mostHidden = 1000

/**
 * Prints `hidden` and the name of each topmost thing in the data, or at one path in them, that is left out of their copies.
 * rsync itself is asked, with what a copy would be told; it writes names with escapes, as in a manifest.
 */
export function hiddenScript(
  { data }: Pick<Paths, 'data'>,
  settings: Pick<Settings, 'exclude'>,
  path?: string,
): Script {
  return lines(
    raw('LC_ALL=C\nexport LC_ALL'),
    sh`data=${data} below=${path === undefined ? '' : `${writtenName(path)}/`}\nexport below`,
    raw(`[ -d "$data" ] || exit 0
empty=$(mktemp -d) said=$(mktemp)
trap 'rmdir "$empty"; rm -f "$said"' EXIT
code=0`),
    sh`rsync -an --debug=FILTER1 ${excluded({ settings, into: 'data' })} "$data/" "$empty/" >"$said" || code=$?`,
    // What the user may not read was in no copy either, and what is gone by now does not matter.
    raw(`case $code in 0 | 23 | 24) ;; *) exit "$code" ;; esac
sed -n 's/^\\[sender\\] hiding [a-z-]* \\(.*\\) because of pattern .*$/\\1/p' "$said" |
  awk 'index($0 "/", ENVIRON["below"]) == 1 { print "hidden " $0 }' | head -n ${String(mostHidden)}`),
  )
}
