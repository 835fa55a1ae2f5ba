import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import type { Version } from './app.ts'
import { composeProject, containers, first, removeProjects, saidBy, type ComposeProject } from './project.ts'

const service = 'lab-source'
const port = 8160
const named = 'lab-source-named'

function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, transcript(outcome)).toBe(code)
}

/** What a run of `srv status` says is different on the host. */
async function driftOf(project: ComposeProject): Promise<readonly string[] | undefined> {
  const { stdout } = await project.srv(['status', 'production', '--json'])
  return (JSON.parse(stdout) as { instances: { drift: string[] }[] }).instances[0]?.drift
}

describeLab('a compose project comes', () => {
  let project: ComposeProject

  beforeEach(() => removeProjects(service, named))
  afterEach(async () => {
    project.remove()
    await removeProjects(service, named)
    await onHost(first(), 'rm -rf /tmp/srv-lab-*')
  })

  /** Commits what a version consists of, and puts the repository at the same path of the host, where it can be fetched. */
  const commit = async (version: string): Promise<void> => {
    const files: Version = {
      port,
      web: '    volumes: [ "./conf:/www/conf:ro", "./app.conf:/www/app.conf:ro" ]\n',
      files: { 'conf/file': `${version}\n`, 'app.conf': `${version}\n` },
    }
    const folder = join(project.folder, 'app')
    const kept = join(project.folder, 'git')
    project.write(version, files)
    const git = (...words: readonly string[]): void => {
      const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org']
      execFileSync('git', [`--git-dir=${kept}`, `--work-tree=${folder}`, ...who, ...words], { stdio: 'pipe' })
    }
    git('init', '--quiet', '--initial-branch=main')
    git('add', '--all')
    git('commit', '--quiet', '--allow-empty', '--message', version)
    const move = `rm -rf ${kept}; mkdir -p ${kept}; tar -x -C ${kept}; chown -R deploy:deploy ${project.folder}`
    const tar = `tar -C ${kept} -c . | docker exec -i ${first().name} sh -c '${move}'`
    execFileSync('sh', ['-c', tar])
  }

  it.for([
    ['releases', 'push'],
    ['releases', 'remote'],
    ['in-place', 'push'],
    ['in-place', 'remote'],
  ] as const)('from git, with the strategy %s and the source %s', async ([strategy, source]) => {
    project = composeProject(service, {
      git: `strategy: '${strategy}', source: '${source}'`,
      repository: (folder) => (source === 'push' ? './git' : `file://${folder}/git`),
    })
    const asked = `curl -s localhost:${String(port)}/conf/file localhost:${String(port)}/app.conf`
    for (const version of ['one', 'two']) {
      await commit(version)
      expectCode(await project.srv(['deploy', 'production', '--json']), 0)
      expect(await page(first(), port)).toBe(`200 ${version}`)
      expect(await onHost(first(), asked)).toBe(`${version}\n${version}`)
      expect(await driftOf(project)).toEqual([])
    }
    const before = await containers(first(), service)
    const again = await project.srv(['deploy', 'production', '--json'])
    expectCode(again, 0)
    expect(await containers(first(), service)).toEqual(before)
    expectCode(await project.srv(['rollback', 'production', '--json']), 0)
    expect(await page(first(), port)).toBe('200 one')
    expect(await onHost(first(), asked)).toBe('one\none')
    expect(await driftOf(project)).toEqual([])
  })

  it('from several files, with profiles, variables and a name that a file of variables cannot change', async () => {
    project = composeProject(service, {
      compose: `files: ['compose.yaml', 'deploy/over.yaml'], profiles: ['jobs'], envFiles: ['deploy/vars'], project: '${named}'`,
    })
    const files = {
      'deploy/over.yaml': `services:
  web: { image: lab-source-shared, environment: { GREETING: "$GREETING", COLOUR: "$COLOUR", WHERE: "$SRV_HOST" } }
  job: { build: ., command: ["sleep", "100000"], init: true, profiles: [jobs] }
  other: { build: ., command: ["sleep", "100000"], init: true, profiles: [others] }
  twin: { image: lab-source-shared, command: ["sleep", "100000"], init: true }
`,
      'deploy/vars': 'GREETING=hello\n',
      '.env': 'COLOUR=red\nGREETING=overruled\nCOMPOSE_PROJECT_NAME=evil\nCOMPOSE_FILE=evil.yaml\n',
    }
    expectCode(await project.deploy('one', { port, files }), 0)
    expect((await containers(first(), named)).map((line) => line.replace(/ \w+$/, ''))).toEqual([
      'job running',
      'twin running',
      'web running',
    ])
    // It runs what was built for `web`, a name that nobody has.
    const idOf = (compose: string): string => `docker inspect -f '{{.Image}}' ${named}-${compose}-1`
    expect(await onHost(first(), idOf('twin'))).toBe(await onHost(first(), idOf('web')))
    const web = `docker exec $(docker ps -q --filter label=com.docker.compose.project=${named} --filter label=com.docker.compose.service=web)`
    expect(await onHost(first(), `${web} /bin/busybox env | grep -E '^(GREETING|COLOUR|WHERE)=' | sort`)).toBe(
      `COLOUR=red\nGREETING=hello\nWHERE=${first().name}`,
    )
    expect(await onHost(first(), 'docker ps -aq --filter label=com.docker.compose.project=evil')).toBe('')
  })

  it('as nothing but an image', async () => {
    const image = (version: string): string => `lab/alone:${version}`
    for (const version of ['one', 'two']) {
      await onHost(
        first(),
        `rm -rf /tmp/srv-lab-image; mkdir -p /tmp/srv-lab-image/bin /tmp/srv-lab-image/www; cp "$(command -v busybox)" /tmp/srv-lab-image/bin/busybox
echo ${version} > /tmp/srv-lab-image/www/index.html; tar -C /tmp/srv-lab-image -c . | docker import -c 'ENTRYPOINT ["/bin/busybox"]' - ${image(version)} >/dev/null`,
      )
    }
    const at = (name: string): ComposeProject =>
      composeProject(service, {
        git: `source: 'none'`,
        instance: `env: { COLOUR: 'red' },`,
        compose: `image: '${name}', ports: ['${String(port)}:8000'], volumes: ['\${SRV_DATA}/files:/www/files:ro'], command: ['sh', '-c', 'trap exit TERM; httpd -f -p 8000 -h /www & wait']`,
      })
    project = at(image('one'))
    expectCode(await project.srv(['deploy', 'production', '--json']), 0)
    expect(await page(first(), port)).toBe('200 one')
    const colour = `docker exec ${service}-app-1 /bin/busybox env | grep COLOUR`
    expect(await onHost(first(), colour)).toBe('COLOUR=red')
    const before = await containers(first(), service)
    expectCode(await project.srv(['deploy', 'production', '--json']), 0)
    expect(await containers(first(), service)).toEqual(before)
    project.remove()

    project = at('registry.invalid/lab/alone:1')
    const refused = await project.srv(['deploy', 'production', '--json'])
    expectCode(refused, 5)
    expect(saidBy(refused)).toContain('registry.invalid')
    expect(await containers(first(), service)).toEqual(before)
    project.remove()

    project = at(image('two'))
    expectCode(await project.srv(['deploy', 'production', '--json']), 0)
    expect(await page(first(), port)).toBe('200 two')
    // What was deployed stays what it was, also when the name goes.
    await onHost(first(), `docker image rm ${image('one')} ${image('two')} >/dev/null`)
    expectCode(await project.srv(['rollback', 'production', '--json']), 0)
    expect(await page(first(), port)).toBe('200 one')
    expect(await driftOf(project)).toEqual([])
  })
})
