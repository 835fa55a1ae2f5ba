import { expect, test } from 'vitest'
import { gateFunctions } from '../../../plugins/docker-compose/scripts/gate.ts'
import { display } from '../../../src/shell/script.ts'
import { folder, shellOf, shells } from '../git/machine.ts'

/** What a sample makes of what Docker says about one container, `expects` being what its service may do. */
async function sample(shell: (typeof shells)[number], line: string, ends = 'stays', events = ''): Promise<string> {
  const run = await shellOf(shell)
  const compose = await folder()
  const { stdout, stderr } = await run(`compose='${compose.replaceAll("'", "'\\''")}'
engine() { case $1 in events) printf '%s' '${events}' ;; *) echo '${line}' ;; esac; }
${display(gateFunctions({ monitorMs: 10_000, timeoutMs: 60_000 }))}
expects='c1 web ${ends}' said=
outcome=0
sample c1 || outcome=$?
echo "$outcome $said"`)
  return stdout + stderr
}

/** Id, status, exit status, out of memory, restarts, health. */
const cases: readonly (readonly [line: string, ends: string, verdict: string])[] = [
  ['c1 running 0 false 0 -', 'stays', '0 \n'],
  ['c1 running 0 false 0 healthy', 'stays', '0 \n'],
  ['c1 running 0 false 0 starting', 'stays', '1 web is not healthy yet\n'],
  ['c1 running 0 false 0 unhealthy', 'stays', '2 web is unhealthy, says its healthcheck\n'],
  ['c1 running 0 false 1 -', 'stays', '2 web was restarted while it was watched: exit status 0\n'],
  ['c1 restarting 4 false 1 -', 'stays', '2 web was restarted while it was watched: exit status 4\n'],
  ['c1 running 0 true 0 -', 'stays', '2 web was killed: out of memory\n'],
  ['c1 exited 137 true 0 -', 'may-end', '2 web was killed: out of memory\n'],
  ['c1 exited 0 false 0 -', 'stays', '2 web ended\n'],
  ['c1 exited 3 false 0 -', 'stays', '2 web ended with exit status 3\n'],
  ['c1 exited 3 false 0 -', 'ends', '2 web ended with exit status 3\n'],
  ['c1 exited 0 false 0 -', 'ends', '0 \n'],
  ['c1 exited 0 false 0 -', 'may-end', '0 \n'],
  ['c1 running 0 false 0 -', 'ends', '1 web has not finished\n'],
  ['c1 created 0 false 0 -', 'stays', '1 web is created\n'],
  ['c1 paused 0 false 0 -', 'stays', '2 web is paused\n'],
  ['c1 dead 0 false 0 -', 'stays', '2 web is dead\n'],
]

test.each(shells)('judges a container with %s', async (shell) => {
  for (const [line, ends, verdict] of cases) expect(await sample(shell, line, ends), `${line} ${ends}`).toBe(verdict)
})

test('asks how often a container was restarted since it was first seen', async () => {
  const once = 'c1 running 0 false 1 -'
  expect(await sample('/bin/sh', once, 'stays 1', 'oom')).toBe('0 \n')
  expect(await sample('/bin/sh', 'c1 running 0 false 0 -', 'stays 1')).toBe('0 \n')
  expect(await sample('/bin/sh', 'c1 running 0 false 2 -', 'stays 1')).toBe(
    '2 web was restarted while it was watched: exit status 0\n',
  )
  expect(await sample('/bin/sh', 'c1 exited 0 false 1 -', 'may-end 1')).toBe('0 \n')
})

test('finds out that a container which was started again had run out of memory', async () => {
  for (const line of ['c1 running 0 false 1 -', 'c1 restarting 137 false 1 -', 'c1 exited 137 false 0 -']) {
    expect(await sample('/bin/sh', line, 'stays', 'oom'), line).toBe('2 web was killed: out of memory\n')
  }
})

/** How the gate ends when each look at a container finds the next of these lines, and the last for ever. */
async function watched(lines: readonly string[], monitorMs: number, timeoutMs = 60_000, looked = 0): Promise<string> {
  const run = await shellOf('/bin/sh')
  const compose = await folder()
  const { stdout, stderr } = await run(`compose='${compose.replaceAll("'", "'\\''")}'
looks=0
sleep() { looks=$((looks + 1)); }
engine() { [ "$1" != events ] || return 0; case $looks in ${lines.map((line, at) => `${at === lines.length - 1 ? '*' : String(at)}) echo '${line}' ;;`).join(' ')} esac; }
${display(gateFunctions({ monitorMs, timeoutMs }))}
clock() { now=$((looks * 1000)); }
looks=${String(looked)}
expects='c1 web stays' said=
outcome=0
watch_them c1 || outcome=$?
echo "$outcome after $((looks + 1)) looks: $said"`)
  return stdout + stderr
}

test.each(shells)('reads a clock with %s', async (shell) => {
  const run = await shellOf(shell)
  const functions = display(gateFunctions({ monitorMs: 0, timeoutMs: 1000 }))
  const { stdout, stderr } = await run(`${functions}
clock; first=$now
sleep 0.05; clock
[ $((now - first)) -ge 50 ] && [ $((now - first)) -lt 30000 ] && echo it goes on
`)
  expect(stdout + stderr).toBe('it goes on\n')
})

test('wants three good looks in a row, over at least the monitor time', async () => {
  const good = 'c1 running 0 false 0 healthy'
  const starting = 'c1 running 0 false 0 starting'
  expect(await watched([good], 0)).toBe('0 after 3 looks: \n')
  expect(await watched([good], 10_000)).toBe('0 after 11 looks: \n')
  expect(await watched([good, good, starting, good], 0)).toBe('0 after 6 looks: web is not healthy yet\n')
  expect(await watched([good, good, 'c1 exited 5 false 0 -'], 0)).toBe(
    '1 after 3 looks: web ended with exit status 5\n',
  )
  // However late it begins.
  expect(await watched([starting], 0, 5000, 900)).toBe('1 after 906 looks: web is not healthy yet after 5 s\n')
})
