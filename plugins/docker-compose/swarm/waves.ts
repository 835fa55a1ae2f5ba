import { raw } from '../../../src/index.ts'

/**
 * Shell functions for services that others wait for to come to their end: `docker stack deploy` knows no order. `waves`
 * prints what is put in place before all the rest, a line each: what such a service needs, then that service. `only names`
 * prints the stack with these services alone; without `--prune` the others go on as they are.
 */
export const waveFunctions = raw(String.raw`waves() { LC_ALL=C awk -F '\t' '
NR == FNR { order[++total] = $1; known[$1] = 1; awaited[$1] = $5 == "ends"; next }
$1 == "after" { needs[$2, ++count[$2]] = $3 }
function gather(service, at, other) {
  for (at = 1; at <= count[service]; at++) {
    other = needs[service, at]
    if (!(other in known) || (other in placed)) continue
    gather(other)
    placed[other] = 1; list = list " " other
  }
}
END {
  for (each = 1; each <= total; each++) {
    if (!awaited[order[each]] || (order[each] in placed)) continue
    list = ""
    gather(order[each])
    if (list != "") print substr(list, 2)
    placed[order[each]] = 1
    print order[each]
  }
}' "$compose/$id/services" "$compose/$id/facts"; }
only() { LC_ALL=C awk -v names=" $1 " '
/^  [^ ]/ { top = $1; skipping = 0 }
top == "\"services\":" && /^    "/ { name = $1; gsub(/^"|":$/, "", name); skipping = !index(names, " " name " ") }
!skipping { print }' "$compose/$id/stack.json"; }`)
