import { defineTask, lines, raw, sh, type Host, type Script, type Service } from '../src/index.ts'
import { readmeMarkers, readmeText } from './readme-text.ts'

/*
 * Puts the block between its markers, or at the end when there is no whole pair of them. A marker without its other half
 * is left out, so that people's own text is never taken for srv's.
 */
const merge = raw(`merge() {
  awk '
    { line = $0; sub(/[ \\t\\r]+$/, "", line); text[NR] = $0; mark[NR] = line }
    END {
      for (i = 1; i <= NR; i++) {
        if (mark[i] == ENVIRON["begin"] && !first) first = i
        if (mark[i] == ENVIRON["end"] && first && !last) last = i
      }
      if (!last) first = 0
      for (i = 1; i <= NR; i++) {
        if (first && i == first) print ENVIRON["block"]
        if (first && i >= first && i <= last) continue
        if (mark[i] == ENVIRON["begin"] || mark[i] == ENVIRON["end"]) continue
        print text[i]
      }
      if (!first) { if (NR) print ""; print ENVIRON["block"] }
    }'
}`)

/** Shell text that prints which release of each instance is in place, as the folders say. */
function serving(service: Service, host: Host): readonly Script[] {
  return service.instances.map(
    ({ name }) =>
      sh`if [ -L ${`${host.root}/${service.name}/instances/${name}/current`} ]; then printf -- '- %s serves release %s.\n' ${name} "$(basename "$(readlink ${`${host.root}/${service.name}/instances/${name}/current`})")"; fi`,
  )
}

function writeReadme(service: Service, host: Host, environment: string): Script {
  const { begin, end } = readmeMarkers
  return lines(
    sh`file=${`${host.root}/${service.name}/README.md`}`,
    raw('block=$('),
    sh`printf '%s\n' ${[begin, ...readmeText(service, host, environment)]}`,
    ...serving(service, host),
    sh`printf '%s\n' ${end}`,
    raw(')'),
    sh`begin=${begin} end=${end} title=${`# ${service.name}`}`,
    raw(`export begin end block
if [ -L "$file" ]; then file=$(readlink -f "$file"); fi
new=$file.srv-new
rm -f "$new"
if [ -e "$file" ]; then
  cp -p "$file" "$new"
  merge <"$file" >"$new"
else
  printf '%s\\n' "$title" | merge >"$new"
fi
if cmp -s "$new" "$file"; then rm -f "$new"; else mv -f "$new" "$file"; echo "wrote $file"; fi`),
  )
}

/**
 * Keeps a README in the service folder for whoever looks around on the host; people's own text around it stays. It acts on
 * an instance, though it is about the service, so that it travels with the other steps that finish a deploy.
 */
export const readme = defineTask({
  title: 'Write README.md',
  on: 'instance',
  describe: ({ paths }) => `keep ${paths.service}/README.md`,
  script: ({ host, service, environment }) => lines(merge, writeReadme(service, host, environment)),
})
