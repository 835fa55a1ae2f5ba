import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder, type ProjectFolder } from './project-folder.ts'

/** A project whose host is a folder of this machine, reached without SSH. */
export interface LocalProject extends ProjectFolder {
  /** Ids of the runs in the journal, oldest first. */
  runs(): readonly string[]
}

function configText(folder: string, tasks: string, pipelines: string, environments: string): string {
  const host = JSON.stringify({ address: 'local', root: join(folder, 'hosts/web1') })
  return `import { defineConfig, defineTask, secret, sh } from 'srvkit'

export default defineConfig({
  environments: { production: { hosts: { web1: ${host} } }, ${environments} },
  services: { app: { instances: { one: { kind: 'native' }, two: { kind: 'native' } } } },
  tasks: { ${tasks} },
  pipelines: { ${pipelines} },
})
`
}

/**
 * Makes such a project with the environment `production` of the host `web1`, the instances `app/one` and `app/two`, and
 * tasks, pipelines and further environments of its own as source text.
 */
export function localProject(tasks: string, pipelines: string, environments = ''): LocalProject {
  const base = projectFolder('local')
  const { folder } = base
  mkdirSync(join(folder, 'hosts/web1'), { recursive: true })
  base.writeFile('srv.config.ts', configText(folder, tasks, pipelines, environments))
  return {
    ...base,
    runs() {
      const runs = join(folder, '.srv/runs')
      // Ids know seconds only: runs of a test may share one.
      const begun = (id: string): string => JSON.parse(readFileSync(join(runs, id, 'run.json'), 'utf8')).started_at
      return readdirSync(runs).sort((left, right) => begun(left).localeCompare(begun(right)))
    },
  }
}
