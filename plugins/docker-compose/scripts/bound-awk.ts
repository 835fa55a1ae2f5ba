import { raw } from '../../../src/index.ts'
import { follow } from './model-awk.ts'

/**
 * Shell function `bound`: reads a model on standard input and prints which service has to be replaced with which other one, a
 * pair a line with a tab: it lives in a namespace of the other's container, or says `restart: true` of it. Left alone, it
 * would stay in the namespace of a container that is gone.
 */
export const boundFunction = raw(String.raw`bound() { LC_ALL=C awk '${follow}
depth == 1 { top = key }
top != "services" { next }
depth == 2 { service = key }
depth == 3 && key != "" { part = key }
depth == 3 && (key == "network_mode" || key == "pid" || key == "ipc") {
  named = text(value)
  if (sub(/^service:/, "", named)) print service "\t" named
}
depth == 4 && part == "depends_on" && key != "" { wanted = key }
depth == 5 && part == "depends_on" && key == "restart" && value == "true" { print service "\t" wanted }
'; }`)
