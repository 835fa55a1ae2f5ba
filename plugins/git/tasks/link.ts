import type { TaskMaker } from '../../../src/index.ts'
import { layoutOf } from '../layout.ts'
import type { Options, Settings } from '../options.ts'
import { linkScript } from '../scripts/link.ts'
import { chosen } from './chosen.ts'

/** Links what outlives a release into the service's data. */
export function linkTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Link shared paths',
    on: 'instance',
    applies: (_placement, settings: Settings) => settings.shared.length > 0,
    describe: ({ settings }) => `link ${settings.shared.join(', ')} to data/`,
    script: (context) => linkScript(layoutOf(context), chosen(context).folder, context.settings.shared),
  })
}
