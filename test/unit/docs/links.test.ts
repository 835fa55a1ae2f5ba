import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pages, pageText } from '../../support/doc-blocks.ts'
import { repository } from '../../support/project-folder.ts'

/** What GitHub makes of a heading: `## Sandbox hosts` is reached by `#sandbox-hosts`. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function brokenLinks(page: string): readonly string[] {
  const text = pageText(page).replaceAll(/^```.*?^```$/gms, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(repository, target))) return true
      return anchor !== undefined && !anchorsOf(pageText(target)).includes(anchor)
    })
}

describe('the links of the documentation', () => {
  it.each(pages)('lead somewhere in %s', (page) => {
    expect(brokenLinks(page)).toEqual([])
  })

  it('are there to be checked', () => {
    expect(pages.flatMap((page) => [...pageText(page).matchAll(/\]\(/g)]).length).toBeGreaterThan(20)
  })
})
