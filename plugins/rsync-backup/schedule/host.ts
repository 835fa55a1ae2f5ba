import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { authorizedKeys } from '../scripts/authorized-keys.ts'
import { gateScript, type Gated } from './gate.ts'
import type { Site } from './site.ts'

/**
 * Writes the gate of a keeper, and lets its key in as far as that. Without a key, because both are one machine, only
 * the gate is written.
 */
export function openGate(gated: Gated, key: string | undefined): Script {
  const { site } = gated
  return lines(
    sh`gate=${site.gate} unit=${site.unit} key=${key ?? ''}`,
    authorizedKeys,
    raw(`mkdir -p "$gate"
cat >"$gate/gate.new" <<'SRV_GATE_FILE'`),
    gateScript(gated),
    raw(`SRV_GATE_FILE
mv -f "$gate/gate.new" "$gate/gate"
[ -n "$key" ] || exit 0
case $gate in *[!A-Za-z0-9/._@+-]*) echo "a key cannot be bound to the folder $gate: it has a special character" >&2; exit 1 ;; esac
replace_key "$unit" "restrict,command=\\"exec /bin/sh $gate/gate\\" $key $unit"`),
  )
}

/** Takes the gate away and shuts the key out, and prints what was there. */
export function shutGate({ gate, unit }: Pick<Site, 'gate' | 'unit'>): Script {
  return lines(
    sh`gate=${gate} unit=${unit}`,
    authorizedKeys,
    raw(`if [ -f "$file" ] && awk -v mark="$unit" '$NF == mark { found = 1 } END { exit !found }' "$file"; then
  replace_key "$unit" ''
  echo "removed the key $unit from $file"
fi
if [ -e "$gate" ]; then
  rm -rf "$gate"
  echo "removed $gate"
  rmdir "\${gate%/*}" 2>/dev/null || :
fi`),
  )
}
