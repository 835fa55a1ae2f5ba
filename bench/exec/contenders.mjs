import { chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment, timed } from '../measure/command.mjs'
import { makeProject, srvProgram } from '../measure/workplace.mjs'

/** What every contender runs on each host, in this order, and in a shell of its own each. */
const commands = [1, 2, 3, 4, 5].map((number) => `echo ${number}`)

const words = (text) => text.split(' ')

/**
 * Three pipelines of five tasks: plain scripts, which srv sends to a host as one command; functions, each of which is a
 * command of its own; and functions that change nothing. Before and after them srv takes and returns its lease, as it
 * does in every run.
 */
export function srv(folder, { hosts, user, uid, gid }) {
  mkdirSync(join(folder, 'home'), { recursive: true })
  const roots = join(folder, 'roots')
  mkdirSync(roots)
  chownSync(roots, uid, gid)
  const named = hosts.map(({ name, ...host }) => {
    const root = join(roots, name)
    mkdirSync(root)
    chownSync(root, uid, gid)
    return [name, { ...host, user, root }]
  })
  const tasks = commands.flatMap((command, index) => [
    `    script${index}: defineTask({ title: '${command}', on: 'host', script: () => raw('${command}') }),`,
    `    function${index}: defineTask({ title: '${command}', on: 'host', run: async ({ run }) => void (await run\`${command}\`) }),`,
    `    look${index}: defineTask({ title: '${command}', on: 'host', changes: false, run: async ({ probe }) => void (await probe\`${command}\`) }),`,
  ])
  const steps = (kind) => JSON.stringify(commands.map((_, index) => `${kind}${index}`))
  const config = `import { defineConfig, defineTask, raw } from 'srvkit'

export default defineConfig({
  environments: { production: { hosts: ${JSON.stringify(Object.fromEntries(named))} } },
  services: { app: { instances: { native: { kind: 'native' } } } },
  tasks: {
${tasks.join('\n')}
  },
  pipelines: { scripts: ${steps('script')}, functions: ${steps('function')}, looking: ${steps('look')} },
})
`
  makeProject(folder, config)
  const run = (pipeline) => () =>
    timed([process.execPath, srvProgram, pipeline, 'production'], {
      cwd: folder,
      env: cleanEnvironment(join(folder, 'home')),
    })
  return [
    { name: 'srv, 5 scripts fused', run: run('scripts') },
    { name: 'srv, 5 functions', run: run('functions') },
    { name: 'srv, 5 functions that look', run: run('looking') },
  ]
}

/** ssh2 with nothing around it. */
export function bareSsh2(folder, { hosts }) {
  mkdirSync(folder)
  const file = join(folder, 'hosts.json')
  writeFileSync(file, JSON.stringify({ hosts, commands }))
  const program = fileURLToPath(new URL('ssh2-five.mjs', import.meta.url))
  return { name: 'bare ssh2', run: () => timed([process.execPath, program, file], { env: cleanEnvironment(folder) }) }
}

/** OpenSSH: a master for each host, all hosts at once, and its commands through that. */
export function openssh(folder, { hosts, sshConfig }) {
  mkdirSync(folder)
  const options = `-F ${sshConfig} -o ControlMaster=auto -o ControlPersist=60 -o ControlPath=${folder}/%n`
  const one = [...commands.map((command) => `ssh ${options} "$1" ${command} || exit 1`), `ssh ${options} -O exit "$1"`]
  const script = join(folder, 'all.sh')
  writeFileSync(
    script,
    `one() {\n${one.join('\n')}\n}
for host in ${hosts.map(({ name }) => name).join(' ')}; do one $host & pids="\${pids:-} $!"; done
for pid in $pids; do wait "$pid" || exit 1; done\n`,
  )
  return { name: 'OpenSSH ControlMaster', run: () => timed(['sh', script], { env: cleanEnvironment(folder) }) }
}

/** Fabric: a ThreadingGroup, in a task of `fab`. It takes any host key, as it does by itself. */
export function fabric(folder, { hosts, sshConfig }) {
  mkdirSync(folder)
  const runs = commands.map((command) => `    group.run("${command}", hide=True)\n`)
  writeFileSync(
    join(folder, 'fabfile.py'),
    `from fabric import Config, ThreadingGroup, task

@task
def five(c):
    config = Config(runtime_ssh_path="${sshConfig}")
    group = ThreadingGroup(${hosts.map(({ name }) => `"${name}"`).join(', ')}, config=config)
${runs.join('')}    group.close()
`,
  )
  const run = () => timed(['fab', '-S', sshConfig, 'five'], { cwd: folder, env: cleanEnvironment(folder) })
  return { name: 'Fabric', run }
}

/** Capistrano: SSHKit, all hosts at once, in a task of `cap`. */
export function capistrano(folder, { hosts, sshConfig }) {
  mkdirSync(join(folder, 'config/deploy'), { recursive: true })
  const executes = commands.map(
    (command) =>
      `    execute ${words(command)
        .map((word) => `'${word}'`)
        .join(', ')}\n`,
  )
  writeFileSync(
    join(folder, 'Capfile'),
    `require 'capistrano/setup'\nrequire 'capistrano/deploy'\nrequire 'capistrano/scm/git'\ninstall_plugin Capistrano::SCM::Git\n\ntask :five do\n  on roles(:app), in: :parallel do\n${executes.join('')}  end\nend\n`,
  )
  writeFileSync(
    join(folder, 'config/deploy.rb'),
    `set :application, 'app'
set :ssh_options, { config: ['${sshConfig}'], verify_host_key: :always }
set :format_options, log_file: nil
`,
  )
  const servers = hosts.map(({ name }) => `server '${name}', roles: %w{app}\n`)
  writeFileSync(join(folder, 'config/deploy/production.rb'), servers.join(''))
  const run = () => timed(['cap', 'production', 'five'], { cwd: folder, env: cleanEnvironment(folder) })
  return { name: 'Capistrano', run }
}

/** Ansible: five tasks of the module `raw`, which is nothing but the command, and of `command`, which is what people use. */
export function ansible(folder, { hosts, sshConfig }, module) {
  mkdirSync(join(folder, 'c'), { recursive: true })
  writeFileSync(join(folder, 'hosts.ini'), hosts.map(({ name }) => `${name}\n`).join(''))
  const tasks = commands.map((command) => `    - ${module}: ${command}\n`)
  writeFileSync(join(folder, 'five.yml'), `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join('')}`)
  const control = join(folder, 'c')
  writeFileSync(
    join(folder, 'ansible.cfg'),
    `[defaults]
inventory = hosts.ini
forks = ${hosts.length}
interpreter_python = /usr/bin/python3
[ssh_connection]
pipelining = True
ssh_args = -F ${sshConfig} -o ControlMaster=auto -o ControlPersist=60s
control_path_dir = ${control}
control_path = %(directory)s/%%n
`,
  )
  const env = cleanEnvironment(folder, { ANSIBLE_CONFIG: join(folder, 'ansible.cfg') })
  return {
    name: `Ansible, ${module}`,
    run: () => timed(['ansible-playbook', 'five.yml'], { cwd: folder, env }),
    // It leaves its masters running: the next round would find its log-ins done.
    clean: async () => {
      for (const name of readdirSync(control)) {
        await timed(['ssh', '-F', sshConfig, '-o', `ControlPath=${join(control, name)}`, '-O', 'exit', name], { env })
      }
    },
  }
}
